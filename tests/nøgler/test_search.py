"""The search index against its promises and against a plain, slow definition of them."""

import threading
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from rådgivning.dansk import fold, fold_letters, spell_out
from rådgivning.nøgler.search import IndexRegister, SearchIndex, SøgePost
from tests.limit import vent_på

ZXQ = SøgePost("Zxq Prøvesen", "Bøgelunden 14, 2. tv.", "+4520123456")
ÅSE = SøgePost("Åse Opdigtet", "Bøgelunden 140, st. th.", "+4531415926")


def index_of(*posts: SøgePost) -> tuple[SearchIndex, list[UUID]]:
    """An index of these entries and their ids."""
    ids = [uuid4() for _ in posts]
    return SearchIndex(zip(ids, posts, strict=True)), ids


def found(post: SøgePost, text: str) -> bool:
    """Whether the text finds the entry in an index of its own."""
    index, ids = index_of(post)
    return index.search(text) == ids


def test_åse_aase_and_small_letters_are_the_same() -> None:
    index, (zxq, åse) = index_of(ZXQ, ÅSE)
    for text in ("Åse", "Aase", "åse", "AASE", "A\u030ase", "ås", "Aa"):
        assert index.search(text) == [åse], text
    for text in ("prøvesen", "Proevesen", "PRØV"):
        assert index.search(text) == [zxq], text


def test_several_words_must_all_match_across_name_address_and_phone() -> None:
    index, (zxq, åse) = index_of(ZXQ, ÅSE)
    assert index.search("åse bøge 14") == [åse]
    assert index.search("bøge 14 zxq") == [zxq]
    assert index.search("åse zxq") == []
    assert index.search("prøve 2012") == [zxq]


def test_a_whole_house_number_comes_before_a_longer_one() -> None:
    index, (_, zxq) = index_of(SøgePost("Aab Opdigtet", "Bøgelunden 140"), ZXQ)
    assert index.search("bøgelunden 14")[0] == zxq


def test_a_phone_number_is_found_by_any_three_digits_with_or_without_country_code_and_spaces() -> None:
    for text in ("201", "456", "2 34 5", "20 12 34 56", "+4520123456", "+45 20 12 34 56", "004520123456", "4520123456"):
        assert found(ZXQ, text), text
    assert found(ZXQ, "0045 20 12")
    assert not found(ZXQ, "452")
    assert not found(ZXQ, "20 12 34 57")


def test_a_phone_number_is_found_however_it_was_kept() -> None:
    for telefon in ("20123456", "20 12 34 56", "+45 20123456", "0045 20 12 34 56"):
        assert found(SøgePost("Zxq", telefon=telefon), "+45 2012 3456"), telefon
    assert found(SøgePost("Zxq", telefon="+46701234567"), "0046 70")
    assert found(SøgePost("Zxq", telefon="20004567"), "0045")


def test_two_digits_do_not_find_a_phone_number() -> None:
    assert not found(ZXQ, "56")


def test_one_typing_error_in_a_name_is_forgiven() -> None:
    for text in (
        "Prøvsen",
        "Prøveesen",
        "Pøvesen",
        "rPøvesen",
        "Prxvesen",
        "Præv",
        "Proevesn",
        "Prövesen",
        "Zxq Prvesen",
    ):
        assert found(ZXQ, text), text
    assert found(SøgePost("Testa Opdigtet"), "Tæesta")
    for text in ("Prvsen", "Pxx", "Zqx", "Bøgelnuden"):
        assert not found(ZXQ, text), text


def test_better_hits_come_first() -> None:
    index, ids = index_of(
        SøgePost("Mariue Ø"),
        SøgePost("Annamarie Ø"),
        SøgePost("Zz Ø", "Marievej 1"),
        SøgePost("Mariehøj Ø"),
        SøgePost("Zy Marie"),
        SøgePost("Marie Ø"),
    )
    assert index.search("marie") == [ids[5], ids[4], ids[3], ids[2], ids[1], ids[0]]
    assert index.search("marie", limit=2) == [ids[5], ids[4]]


def test_less_than_two_letters_or_digits_find_nothing() -> None:
    index, _ = index_of(ZXQ, ÅSE)
    for text in ("", " ", "z", "å", "Å.", "--", "1 ", "+45", "?!"):
        assert index.search(text) == [], text


def test_putting_again_replaces_and_removing_forgets() -> None:
    index, (zxq, _) = index_of(ZXQ, ÅSE)
    index.put(zxq, SøgePost("Testa Opdigtet"))
    assert index.search("prøvesen") == index.search("2012") == []
    assert index.search("testa") == [zxq]
    index.remove(zxq)
    index.remove(zxq)
    assert index.search("testa") == []
    assert len(index) == 1


def test_nothing_of_a_removed_entry_stays_in_the_index() -> None:
    index, ids = index_of(ZXQ)
    index.search("prøvsen")
    index.remove(ids[0])
    parts = {name: vars(part) if hasattr(part, "postings") else part for name, part in vars(index).items()}
    assert not any(secret in repr(parts).casefold() for secret in ("zxq", "prøve", "proeve", "boege", "201234"))


def test_readers_and_writers_in_several_threads_do_not_disturb_each_other() -> None:
    index, _ = index_of(*[SøgePost(f"Testa{n} Opdigtet", f"Bøgelunden {n}") for n in range(200)])
    ids = [uuid4() for _ in range(300)]
    wrong: list[str] = []

    def write() -> None:
        for n, id_ in enumerate(ids):
            index.put(id_, SøgePost(f"Nyeste{n} Prøvesen"))
            if n % 2:
                index.remove(id_)

    def read() -> None:
        wrong.extend(f"testa{n}" for n in range(200) if not index.search(f"testa{n} bøge"))

    threads = [threading.Thread(target=work) for work in (write, read, read)]
    for thread in threads:
        thread.start()
    vent_på(threads)
    assert wrong == []
    assert len(index) == 350
    assert len(index.search("nyeste prøvesen", limit=1000)) == 150


def test_the_register_keeps_one_index_per_helhedsplan_with_its_epoch() -> None:
    register, here, there = IndexRegister(), uuid4(), uuid4()
    assert register.get(here) is None
    index, _ = index_of(ZXQ)
    register.set(here, index, 7)
    assert register.get(here) == (index, 7)
    assert register.get(there) is None
    register.drop(here)
    register.drop(here)
    assert register.get(here) is None


# A plain definition of the same promises: slow, one entry at a time, no shared code but the folding.


def one_error_apart(a: str, b: str) -> bool:
    """Whether one letter more, less, other or two swapped turn `a` into `b`."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) == 1:
        return any(b[:i] + b[i + 1 :] == a for i in range(len(b)))
    differing = [i for i in range(len(a)) if a[i] != b[i]] if len(a) == len(b) else [0, 0, 0]
    if len(differing) == 2:
        i, j = differing
        return j == i + 1 and a[i] == b[j] and a[j] == b[i]
    return len(differing) == 1


def mistyped(letters: str, name: str) -> bool:
    """Whether the word is the beginning of a word of the name but for one typing error, in letters or spelled."""
    return not letters.isdecimal() and any(
        len(typed) >= 4 and one_error_apart(typed, word[:length])
        for typed, words in (
            (letters, fold_letters(name)),
            (letters, fold(name)),
            (spell_out(letters), fold(name)),
        )
        for word in words.split()
        for length in range(len(word) + 1)
    )


def stage_of(letters: str, post: SøgePost) -> int | None:
    """The first of the seven ways in which the word matches the entry."""
    word, name, address = spell_out(letters), fold(post.navn).split(), fold(post.adresse).split()
    ways = [
        word in name,
        any(w.startswith(word) for w in name),
        word in address if word.isdecimal() else any(w.startswith(word) for w in address),
        any(w.startswith(word) for w in address),
        any(word in w for w in name + address),
        word.isdecimal() and len(word) >= 3 and word in post.telefon,
        mistyped(letters, post.navn),
    ]
    return ways.index(True) if any(ways) else None


def expected(posts: dict[UUID, SøgePost], text: str) -> dict[UUID, int]:
    """Every entry in which all words match, with the stage of its worst word."""
    stages = {id_: [stage_of(word, post) for word in fold_letters(text).split()] for id_, post in posts.items()}
    return {id_: max(s for s in found if s is not None) for id_, found in stages.items() if found and None not in found}


SIGNS = "abeoåøælA é-"
NAMES = st.lists(st.text(SIGNS, min_size=1, max_size=7), min_size=1, max_size=3).map(" ".join)
ADDRESSES = st.builds(lambda street, number: f"{street} {number}", st.text("abeø", max_size=5), st.integers(1, 130))
PHONES = st.text("123", min_size=8, max_size=8)
POSTS = st.builds(SøgePost, NAMES, ADDRESSES, PHONES)
# Numbers only alone or between words: two together are also tried as one phone number, which is tested above.
QUERIES = st.one_of(NAMES, st.text("123", min_size=2, max_size=5), st.builds("{} {} {}".format, NAMES, PHONES, NAMES))


@given(st.lists(POSTS, max_size=12), QUERIES)
@settings(max_examples=400, deadline=None)
def test_the_index_finds_what_the_plain_definition_finds_in_the_same_order(posts: list[SøgePost], text: str) -> None:
    index, ids = index_of(*posts)
    hits = index.search(text)
    if sum(map(str.isalnum, text)) < 2:
        assert hits == []
        return
    stages = expected(dict(zip(ids, posts, strict=True)), text)
    assert set(hits) == set(stages)
    ranks = [(stages[id_], fold_letters(posts[ids.index(id_)].navn)) for id_ in hits]
    assert ranks == sorted(ranks)


@given(POSTS, st.data())
def test_any_beginning_of_any_word_finds_it(post: SøgePost, data: st.DataObject) -> None:
    words = [word for word in f"{post.navn} {post.adresse}".split() if len(word) >= 2]
    if words:
        word = data.draw(st.sampled_from(words))
        start = word[: data.draw(st.integers(2, len(word)))]
        assert found(post, start) == (sum(map(str.isalnum, start)) >= 2)
    first = data.draw(st.integers(0, 5))
    assert found(post, post.telefon[first : first + data.draw(st.integers(3, 8))])


SYLLABLES = ["sø", "ma", "li", "rå", "ki", "bæ", "tu", "no", "han", "jen", "sen", "yl"]
WORDS = st.lists(st.sampled_from(SYLLABLES), min_size=2, max_size=4).map("".join).filter(lambda word: len(word) > 4)
ERRORS = ("more", "less", "other", "swapped")


@given(WORDS, WORDS, st.data())
def test_a_name_with_one_random_error_finds_it(first: str, last: str, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(last) - 2))
    letter = data.draw(st.sampled_from("bcdfghjklmnpqrstuvwxyzæøåi"))
    wrong = {
        "more": last[:i] + letter + last[i:],
        "less": last[:i] + last[i + 1 :],
        "other": last[:i] + letter + last[i + 1 :],
        "swapped": last[:i] + last[i + 1] + last[i] + last[i + 2 :],
    }[data.draw(st.sampled_from(ERRORS))]
    post = SøgePost(f"{first.capitalize()} {last.capitalize()}")
    assert found(post, wrong)
    assert found(post, f"{first} {wrong}")


@given(st.lists(POSTS, min_size=1, max_size=8), QUERIES)
def test_spelling_the_danish_letters_out_changes_nothing(posts: list[SøgePost], text: str) -> None:
    index, _ = index_of(*posts)
    spelled, _ = index_of(*[SøgePost(spell_out(p.navn.lower()), spell_out(p.adresse), p.telefon) for p in posts])
    assert len(index.search(text)) == len(spelled.search(text))
    if sum(map(str.isalnum, text)) >= 2:
        assert index.search(text) == index.search(spell_out(text.lower())) == index.search(text.upper())


class Changes(RuleBasedStateMachine):
    """An index that is changed in any order finds what an index built afresh finds."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.index = SearchIndex()
        self.posts: dict[UUID, SøgePost] = {}

    @rule(target=ids, post=POSTS)
    def add(self, post: SøgePost) -> UUID:
        """A new entry."""
        id_ = uuid4()
        self.index.put(id_, post)
        self.posts[id_] = post
        return id_

    @rule(id_=ids, post=POSTS)
    def change(self, id_: UUID, post: SøgePost) -> None:
        """An entry with new contents."""
        self.index.put(id_, post)
        self.posts[id_] = post

    @rule(id_=consumes(ids))
    def remove(self, id_: UUID) -> None:
        """An entry taken out."""
        self.index.remove(id_)
        del self.posts[id_]

    @rule(text=QUERIES)
    def search(self, text: str) -> None:
        """The same hits as a new index gives."""
        assert set(self.index.search(text, limit=100)) == set(SearchIndex(self.posts.items()).search(text, limit=100))

    @invariant()
    def size(self) -> None:
        """As many entries as were put."""
        assert len(self.index) == len(self.posts)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
