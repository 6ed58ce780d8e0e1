"""The Ukrainian catalogue is whole, and the doors speak it to whoever asks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.html import strip_tags

from aid.enums import Condition
from aid.matching.explain import unmet_sentences
from coordination.access.actors import Actor
from coordination.access.models import Organisation, User
from coordination.web.phrases import SIGN_IN, WITH_NAMES, WITHOUT_UKRAINIAN
from tests.doors import graphql, rest
from tests.factories import aid, incidents

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "uk" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|\{[^}]*\}")
# Ukrainian has a form for 1, 21, 31 …, one for 2 to 4, 22 to 24 …, and one for all other whole numbers.
FORMS = 3


@dataclass
class Entry:
    """One message of a catalogue: what it says in the source, and its translation in each form."""

    comments: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> list[str]:
        """Give the source texts: the singular, and the plural where there is one."""
        return [text for name, text in self.texts.items() if name in {"msgid", "msgid_plural"}]

    @property
    def translations(self) -> list[str]:
        """Give the translations, one for each form."""
        return [text for name, text in self.texts.items() if name.startswith("msgstr")]


def entries() -> Iterator[Entry]:
    """Read the catalogue; its first entry, which describes the file, is left out."""
    for block in CATALOGUE.read_text(encoding="utf-8").strip().split("\n\n")[1:]:
        entry, name = Entry(), ""
        for line in block.splitlines():
            if line.startswith("#"):
                entry.comments.append(line)
                continue
            if not line.startswith('"'):
                name, line = line.split(" ", 1)
            entry.texts[name] = entry.texts.get(name, "") + ast.literal_eval(line)
        yield entry


def test_no_message_lacks_its_translation() -> None:
    found = list(entries())
    assert len(found) > 800
    assert [entry.sources for entry in found if not all(entry.translations)] == []


def test_no_translation_is_a_guess_or_left_over() -> None:
    marks = ("#~", "#|", "#, fuzzy")
    assert [entry.comments for entry in entries() if any(line.startswith(marks) for line in entry.comments)] == []


def test_every_plural_has_all_its_forms() -> None:
    assert [
        entry.sources
        for entry in entries()
        if len(entry.translations) != (FORMS if "msgid_plural" in entry.texts else 1)
    ] == []


def test_every_translation_keeps_the_placeholders() -> None:
    assert [
        (entry.sources[-1], text)
        for entry in entries()
        for text in entry.translations
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(entry.sources[-1]))
    ] == []


def test_every_translation_ends_as_its_source_does() -> None:
    assert [
        (entry.sources[-1], text)
        for entry in entries()
        for text in entry.translations
        if _ending(text) != _ending(entry.sources[-1])
    ] == []


def _ending(text: str) -> str:
    return text[-1] if text[-1] in ".: " else ""


@pytest.mark.parametrize("phrase", WITH_NAMES)
def test_the_admin_puts_names_where_they_may_stay_in_the_nominative(phrase: str) -> None:
    with translation.override("uk"):
        said = translation.gettext(phrase)
    name = re.search(PLACEHOLDER, said)
    assert name is not None
    assert said[: name.start()].endswith((": ", "«"))


@pytest.mark.parametrize("phrase", WITHOUT_UKRAINIAN)
def test_what_the_frameworks_lack_is_said_by_us(phrase: str) -> None:
    with translation.override("uk"):
        assert re.search("[а-яґєії]", translation.gettext(phrase))


@pytest.mark.parametrize("phrase", [phrase for phrase in SIGN_IN if isinstance(phrase, str)])
def test_a_page_of_sign_in_does_not_begin_every_word_with_a_capital(phrase: str) -> None:
    with translation.override("uk"):
        said = translation.gettext(phrase)
    assert re.search("[а-яґєії]", said)
    assert not re.search(r"[а-яґєії’] [А-ЯҐЄІЇ][а-яґєії]", said)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(1, "Додано 1 ключ безпеки."), (3, "Додано 3 ключі безпеки."), (11, "Додано 11 ключів безпеки.")],
)
def test_a_page_of_sign_in_agrees_with_its_number(count: int, sentence: str) -> None:
    with translation.override("uk"):
        said = translation.ngettext(
            "You have added %(count)s security key.", "You have added %(count)s security keys.", count
        )
    assert said % {"count": count} == sentence


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (1, "Допомогла б ще 1 одиниця в межах 8 км."),
        (3, "Допомогли б ще 3 одиниці в межах 8 км."),
        (12, "Допомогли б ще 12 одиниць у межах 8 км."),
        (21, "Допомогла б ще 21 одиниця в межах 8 км."),
    ],
)
def test_an_explanation_agrees_with_its_number(more: int, sentence: str) -> None:
    facts = {"reason": "condition", "missing": [Condition.OXYGEN], "within_m": 8_000, "more": more}
    with translation.override("uk"):
        assert unmet_sentences(facts) == ["Жоден ресурс поблизу не має потрібного: кисень.", sentence]


@pytest.mark.django_db
def test_rest_tells_what_is_wrong_with_a_place(ngo_actor: Actor) -> None:
    swapped = {"type": "Point", "coordinates": [50.45, 30.52]}
    report = {"title": "Уламки", "hazard": "debris_fall", "occurred_at": "2026-01-05T22:15:00Z", "location": swapped}
    answer = rest.caller(ngo_actor).post("incidents", report, Accept_Language="uk")
    assert (answer.status_code, answer["Content-Language"]) == (400, "uk")
    told = answer.json()
    assert (told["title"], told["code"]) == ("Запит неправильний", "invalid")
    assert told["errors"] == [
        {
            "pointer": "#/location/coordinates",
            "code": "geometry_swapped",
            "message": "Схоже, довготу й широту переплутано: першою йде довгота.",
        }
    ]


@pytest.mark.django_db
def test_rest_tells_what_an_action_refuses(cell_actor: Actor, ngo: Organisation, now: datetime) -> None:
    reported = incidents.incident(ngo, now=now)
    answer = rest.caller(cell_actor).post(f"incidents/{reported.pk}/close", {}, Accept_Language="uk")
    assert answer.status_code == 409
    assert answer.json()["title"] == "Зараз це неможливо"
    assert answer.json()["detail"] == "Закрити можна лише локалізований інцидент."


@pytest.mark.django_db
def test_graphql_tells_what_an_action_refuses(cell_actor: Actor, ngo: Organisation, now: datetime) -> None:
    reported = incidents.incident(ngo, now=now)
    wanted = {"incident": reported.ref}
    problem = graphql.caller(cell_actor).change("closeIncident", "", wanted, Accept_Language="uk")
    assert problem is not None
    assert (problem["__typename"], problem["message"]) == (
        "DomainProblem",
        "Закрити можна лише локалізований інцидент.",
    )


@pytest.mark.django_db
def test_the_admin_heads_its_list_of_aid_requests(cell_actor: Actor, ngo: Organisation, now: datetime) -> None:
    aid.aid_request(ngo, now=now)
    person = User.objects.get(pk=cell_actor.user_id)
    person.language = "uk"
    person.save()
    client = Client()
    client.force_login(person)
    page = client.get(reverse("admin:aid_aidrequest_changelist")).content.decode()
    table = page.split('id="result_list"')[1].split("</thead>")[0]
    headings = re.findall(r'<th scope="col" class="[^"]*column-.*?</th>', table, re.S)
    assert [strip_tags(heading).strip() for heading in headings] == [
        "Номер",
        "Терміновість",
        "Стан",
        "Забезпеченість",
        "Люди",
        "Територія",
        "Хто повідомив",
        "Час перегляду",
    ]
    assert "Вибрати, щоб переглянути: заявка на допомогу" in page
