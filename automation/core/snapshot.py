"""What the browser showed at one moment, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum


class Busy(IntEnum):
    """Whether a tab is at work.

    WAITING has requests under way and shows nothing of it: a page that asks in the background all the time looks so,
    too. LOADING says that it loads.
    """

    NO = 0
    WAITING = 1
    LOADING = 2


@dataclass(frozen=True)
class PageSnapshot:
    """One document: a tab's top document or a frame in it.

    Attributes:
        url: its address, query included; never logged: a preview or a sign-in may be in it.
        html: its rendered elements, written by `snapshot.js`; form values stand in `value`, what is not rendered
            carries `data-shown="no"`, and every element its `data-ref`. Left out of the repr: it can hold secrets.
        frame: its place among the tab's documents; 0 is the top document.
        document: differs between two documents, also between two loads of one address.
        ready: `loading`, `interactive` or `complete`.
        size: how many elements it has where it is not read, as that of a tab beside the one that is worked in; else 0.
    """

    url: str = field(repr=False)
    html: str = field(repr=False)
    frame: int = 0
    document: str = ""
    ready: str = "complete"
    size: int = 0


@dataclass(frozen=True)
class Tab:
    """One tab, its documents with the top one first; of one beside that which is worked in, the top one alone, unread.

    Attributes:
        number: 0 is the tab in which the run started; a number is not used twice.
        failure: what the browser said when the tab's last navigation failed, such as `net::ERR_TIMED_OUT`.
        status: HTTP status of the top document's last navigation, None where there was none.
        pending: requests for documents and data that the tab still waits for.
        lost: what the browser said when a request of the tab's pages to BigCommerce failed for want of a network, as
            `net::ERR_INTERNET_DISCONNECTED`; None once one was answered since.
        sent: how many requests its pages have sent that ask for more than to be shown something.
        passed: the addresses that the tab has shown since the last look, however shortly.
    """

    number: int
    pages: tuple[PageSnapshot, ...]
    failure: str | None = None
    status: int | None = None
    pending: int = 0
    lost: str | None = None
    sent: int = 0
    passed: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def url(self) -> str:
        """The address in the address bar."""
        return self.pages[0].url if self.pages else ""


@dataclass(frozen=True)
class DownloadedText:
    """A text file that the browser downloaded; it may hold credentials, so it is left out of the repr."""

    text: str = field(repr=False)


@dataclass(frozen=True)
class Observation:
    """Everything that was seen at one moment.

    Attributes:
        at: seconds of a clock that only goes forward.
        tabs: open tabs, oldest first.
        downloads: the texts downloaded since the start of the run, oldest first.
        blocked: True where the last action did not reach its control because something lay over it.
        notices: texts of native dialogs since the last observation; they were answered already.
        done_by_person: whether a person has done what was shown to them last.
    """

    at: float
    tabs: tuple[Tab, ...]
    downloads: tuple[DownloadedText, ...] = ()
    blocked: bool = False
    notices: tuple[str, ...] = ()
    done_by_person: bool = False
