"""The controls of the documented steps: what they are called, over the years and in other languages, as data.

A wording is added here, and nowhere else. Sources: screenshots, help texts and official guides from 2019 to 2026; the
names in use today stand first. Comparison ignores case, white space, and the kind of dash.
"""

from __future__ import annotations

from dataclasses import dataclass

from automation.core.translations import ours


@dataclass(frozen=True)
class Target:
    """A control by its roles, its names and where it leads.

    Attributes:
        roles: the roles it has been seen with, or may have; any counts.
        names: its whole names on record; any counts.
        translated: its names in other languages, by us.
        addresses: how the path of its link ends, in any language.
    """

    roles: tuple[str, ...]
    names: tuple[str, ...]
    translated: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()

    @property
    def all_names(self) -> tuple[str, ...]:
        """Its names, those on record first."""
        return self.names + self.translated


_PRESSABLE = ("link", "button", "menuitem", "option", "tab", "treeitem", "listitem")

VIEW_STOREFRONT = Target(
    _PRESSABLE,
    ("View storefront", "View storefronts", "View store", "View your store", "View your storefront", "Visit store"),
    ours("View storefront"),
)
SETTINGS = Target(
    _PRESSABLE,
    ("Settings", "Advanced Settings", "Store settings"),
    ours("Settings"),
    ("/manage/settings", "/manage/settings-list"),
)
API_SECTION = Target(_PRESSABLE, ("API",))
API_ACCOUNTS = Target(
    _PRESSABLE,
    (
        "Store-level API accounts",
        "Store level API accounts",
        "Store-level API tokens",
        "Store level API tokens",
        "Store API accounts",
        "API accounts",
        "API Access Tokens",
        "API tokens",
    ),
    ours("Store-level API accounts"),
    ("/settings/api-accounts", "/settings/auth/api-accounts"),
)
ACCOUNT_LEVEL_API_ACCOUNTS = Target(
    _PRESSABLE,
    ("Account-level API accounts", "Account level API accounts", "Account-level API tokens"),
    ours("Account-level API accounts"),
    ("accounts.bigcommerce.com/tokens",),
)
API_ACCOUNTS_HEADING = Target(("heading",), API_ACCOUNTS.names, API_ACCOUNTS.translated)
CREATE_API_ACCOUNT = Target(
    ("button", "link", "menuitem"),
    (
        "Create API account",
        "Create an API account",
        "Create store-level API account",
        "Create account",
        "Create API token",
        "Create token",
        "Add API account",
        "New API account",
    ),
    ours("Create API account"),
    ("/settings/api-accounts/create", "/settings/auth/api-accounts/create", "/settings/api-accounts/new"),
)
CREATE_V2_V3_TOKEN = Target(
    ("option", "menuitem", "link", "button", "listitem"),
    ("Create V2/V3 API token", "V2/V3 API token", "Create V3/V2 API token", "V3/V2 API token", "Create V3 API token"),
)
TOKEN_TYPE = Target(
    ("combobox", "listbox", "textbox", "button"),
    ("Token type", "Account type", "API token type", "API account type"),
    ours("Token type"),
)
V2_V3_TOKEN = Target(
    ("option", "menuitem", "radio", "button", "switch"),
    (
        "V2/V3 API token",
        "V3/V2 API token",
        "V2/V3 API",
        "V2/V3 token",
        "V2/V3",
        "V3 API token",
        "Store API V2/V3 token",
        "Create V2/V3 API token",
    ),
)
NAME = Target(
    ("textbox", "searchbox"), ("Name", "Account name", "API account name", "Token name", "Client name"), ours("Name")
)
SAVE = Target(
    ("button", "link"), ("Save", "Create", "Save account", "Create account", "Create API account"), ours("Save")
)
# Answers to the question whether an account with such scopes is really to be made; whether one is asked is not known.
CONFIRM_SAVE = Target(
    ("button",),
    (
        "Continue",
        "Confirm",
        "Yes",
        "Yes, continue",
        "Proceed",
        "Create",
        "Create account",
        "Save",
        "I understand",
        "OK",
    ),
    ours("Save", "Yes"),
)
CANCEL = Target(("button", "link"), ("Cancel",), ours("Cancel"))
DONE = Target(("button", "link"), ("Done", "Close", "OK", "Got it"), ours("Done"))
CLIENT_ID = ("Client ID", *ours("Client ID"))
CLIENT_SECRET = ("Client secret", *ours("Client secret"))
ACCESS_TOKEN = ("Access token", "API access token", "API token", "X-Auth-Token", *ours("Access token"))
REVEAL = ("Show", "Reveal", "View", "Unmask", "Unhide", "Display", "Visibility", "Make visible")
STORE_HASH = ("Store hash",)
API_PATH = ("API path", "Base API path", *ours("API path"))

SIGN_IN = Target(("button",), ("Log in", "Login", "Sign in", "Continue", "Next"))
VERIFY_CODE = Target(("button",), ("Verify", "Continue", "Submit", "Log in", "Confirm"))
CONTINUE = Target(("button", "link"), ("Continue", "Next", "Select", "Choose"))
NEXT_PAGE = Target(("button", "link"), ("Next page", "Next"), ours("Next page"))
MORE_ACCOUNTS = Target(("button", "link"), ("Load more", "Show more", "Load more accounts", "Show more accounts"))
PREVIOUS_PAGE = Target(("button", "link"), ("Previous page", "Previous", "Prev", "Back"))

DELETE = Target(
    ("menuitem", "option", "button", "link"), ("Delete", "Delete account", "Remove", "Trash", "Revoke"), ours("Delete")
)
DELETE_SELECTED = Target(
    DELETE.roles,
    ("Delete selected", "Delete selected accounts", "Remove selected", *DELETE.names, "Delete accounts"),
    DELETE.translated,
)
CONFIRM_DELETE = Target(
    ("button", "link"),
    ("Delete", "Delete account", "Yes, delete", "Confirm", "Yes", "OK", "Remove"),
    ours("Delete", "Yes"),
)

NAME_COLUMN = NAME.all_names
SCOPES_COLUMN = ("Scopes", "OAuth scopes")
WEBHOOKS_COLUMN = ("Active webhooks", "Webhooks")

# What puts an overlay aside without losing the form, kindest first. Nothing here agrees to anything that matters.
DISMISS = Target(
    ("button", "link"),
    (
        "Stay signed in",
        "Stay logged in",
        "Keep me signed in",
        "Keep me logged in",
        "Continue session",
        "Extend session",
        "I'm still here",
        "Reject all",
        "Reject all cookies",
        "Decline",
        "Decline all",
        "Only necessary",
        "Necessary only",
        "Skip tour",
        "Skip",
        "End tour",
        "Not now",
        "No thanks",
        "No, thanks",
        "Maybe later",
        "Remind me later",
        "Later",
        "Dismiss",
        "Got it",
        "Got it!",
        "Close",
        "Close dialog",
        "Close tour",
        "Cancel",
        "\u00d7",
        "x",
    ),
    ours("Dismiss", "Cancel"),
)

# Only for what asks about cookies or whether one is still there, or that merely tells something.
AGREE = Target(
    ("button", "link"),
    ("OK", "Okay", "Continue", "Accept", "Accept all", "Accept all cookies", "Accept cookies", "I agree"),
)
