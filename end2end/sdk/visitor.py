"""A visitor of the emulator's hosted pages: keeps cookies, follows redirects, presses buttons."""

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit


class Visitor:
    """Follows redirects within the emulator, and stops where they lead to the application."""

    def __init__(self, emulator: str):
        self.emulator = emulator
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()), StayAt(emulator)
        )

    def open(self, url: str, form: dict[str, str] | None = None) -> "Page":
        data = None if form is None else urlencode(form).encode()
        try:
            with self.opener.open(url, data, timeout=10) as answer:
                return Page(answer.geturl(), answer.status, answer.read().decode())
        except urllib.error.HTTPError as answer:
            onwards = answer.headers.get("Location")
            body = answer.read().decode()
            return Page(answer.url if onwards is None else onwards, answer.code, body)

    def press(self, page: "Page", button: str, **fields: str) -> "Page":
        """Presses the button that says `button`, after filling in the fields of its form."""
        for form in Forms.of(page.html):
            for pressed in form.buttons:
                if button in pressed.text:
                    values = form.values | fields | pressed.value
                    return self.open(urljoin(page.url, form.action), values)
        raise AssertionError(f"no button {button!r} on {page.url}:\n{page.html}")

    def sign_in(self, authorization_url: str, person: str = "Ada Admin") -> "Page":
        """Picks a ready-made person; returns the address to which the emulator sends the browser back."""
        return self.press(self.open(authorization_url), person)


class StayAt(urllib.request.HTTPRedirectHandler):
    def __init__(self, origin: str):
        self.origin = origin

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if not newurl.startswith(f"{self.origin}/"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass
class Page:
    url: str
    status: int
    html: str

    @property
    def address(self) -> str:
        """The address without its query."""
        return self.url.split("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}


@dataclass
class Button:
    value: dict[str, str]
    text: str = ""


@dataclass
class Form:
    action: str
    values: dict[str, str] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class Forms(HTMLParser):
    @classmethod
    def of(cls, html: str) -> list[Form]:
        parser = cls()
        parser.feed(html)
        return parser.forms

    def __init__(self):
        super().__init__()
        self.forms: list[Form] = []
        self.button: Button | None = None

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        value = {attributes["name"]: attributes.get("value", "")} if "name" in attributes else {}
        if tag == "form":
            self.forms.append(Form(attributes["action"]))
        elif tag == "input" and self.forms:
            self.forms[-1].values |= value
        elif tag == "button" and self.forms:
            self.button = Button(value)
            self.forms[-1].buttons.append(self.button)

    def handle_endtag(self, tag):
        if tag == "button":
            self.button = None

    def handle_data(self, data):
        if self.button is not None:
            self.button.text += data
