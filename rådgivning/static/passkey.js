// Passkeys: asks the server for a challenge and the browser for an answer, and sends the form with it. Nothing is stored.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decoded = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function options(url) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answer.ok || answer.redirected) throw new Error("no challenge");
  return answer.json();
}

/** What the server reads: every buffer as base64url, the rest as it is. */
function asJson(credential) {
  const { response } = credential;
  const parts = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) parts[name] = text(response[name]);
  }
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts });
}

async function make(asked) {
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user: { ...asked.user, id: bytes(asked.user.id) }, excludeCredentials: decoded(asked.excludeCredentials) };
  return navigator.credentials.create({ publicKey });
}

async function use(asked) {
  return navigator.credentials.get({ publicKey: { ...asked, challenge: bytes(asked.challenge), allowCredentials: decoded(asked.allowCredentials) } });
}

function prepare(box) {
  const button = box.querySelector("button");
  const fault = box.querySelector("[data-passkey-fejl]");
  button.addEventListener("click", async () => {
    fault.hidden = true;
    button.disabled = true;
    try {
      const asked = await options(button.dataset.passkeyHent);
      const credential = await (button.dataset.passkeySlags === "ny" ? make(asked) : use(asked));
      const { form } = button;
      form.elements[button.dataset.passkeyFelt].value = asJson(credential);
      form.submit();
    } catch (error) {
      fault.textContent = error.name === "InvalidStateError" ? "Denne enhed har allerede en passkey til dig her." : "Passkeyen blev ikke brugt. Prøv igen, eller vælg en anden måde.";
      fault.hidden = false;
      button.disabled = false;
    }
  });
  box.hidden = false;
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(prepare);
  document.querySelectorAll("[data-passkey-mangler]").forEach((line) => line.remove());
}
