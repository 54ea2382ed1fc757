// Passkeys: asks the server for a challenge and the browser for an answer, and sends the form with it. Nothing is stored.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const decoded = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

/** Something to tell her in our own words. */
class Said extends Error {}

function explained(error) {
  if (error instanceof Said) return error.message;
  if (error.name === "InvalidStateError") return "Denne enhed har allerede en passkey til dig her.";
  return "Passkeyen blev ikke brugt. Prøv igen, eller vælg en anden måde.";
}

async function options(url) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token } });
  if (answer.status === 429) {
    throw new Said(`Der er prøvet for mange gange. Vent ${answer.headers.get("Retry-After")} sekunder, og prøv igen.`);
  }
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
  const { form } = button;
  const name = button.dataset.passkeySlags === "ny" ? form.elements.navn : null;
  button.addEventListener("click", async () => {
    fault.hidden = true;
    button.disabled = true;
    try {
      if (name && !name.value.trim()) {
        name.focus();
        throw new Said("Giv den et navn, så du kan kende den igen.");
      }
      const asked = await options(button.dataset.passkeyHent);
      const credential = await (name ? make(asked) : use(asked));
      form.elements[button.dataset.passkeyFelt].value = asJson(credential);
      form.submit();
    } catch (error) {
      fault.textContent = explained(error);
      fault.hidden = false;
      button.disabled = false;
    }
  });
  if (name) {
    form.addEventListener("submit", (event) => {
      event.preventDefault(); // Enter in the name: the answer is still missing
      button.click();
    });
  }
  box.hidden = false;
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach(prepare);
  document.querySelectorAll("[data-passkey-mangler]").forEach((line) => line.remove());
}
