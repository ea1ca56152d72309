"""The form for an API account in each of its variants, as HTML."""

from typing import Any

import pytest
from panel_visits import PanelVisit, block_of, fresh_world, texts
from werkzeug.test import Client

from simulated_store.serving.sites import dispatcher
from simulated_store.variants import Variants

TOKENS = "Storefront API tokens"
IMPERSONATION = "Storefront API customer impersonation tokens"


def visit(**variants: Any) -> PanelVisit:
    fresh_world(**variants)
    return PanelVisit()


@pytest.mark.parametrize(
    ("control", "chosen", "options"),
    [
        ("switch-unnamed", "[role=group]:not([aria-labelledby]) > [role=switch][aria-checked=true]", "[role=switch]"),
        ("switch-named", "[role=group][aria-labelledby] > [role=switch][aria-checked=true]", "[role=switch]"),
        ("pressed", "[role=group] > button[aria-pressed=true]", "button"),
        ("aria-radio", "[role=radiogroup][aria-labelledby] > [role=radio][aria-checked=true]", "[role=radio]"),
        ("radio", "fieldset > label:has(input[type=radio][checked])", "fieldset > label"),
        ("hidden-radio", "input[type=radio][checked]", "input ~ label[id]"),
        ("select", "option[selected]", "option"),
        ("table", "label:has(input[type=radio][checked])", "label"),
    ],
)
def test_each_scope_control_has_its_options_and_shows_the_first_as_chosen(control, chosen, options):
    block = block_of(visit(scope_control=control).form(), TOKENS)
    assert texts(block.select(options)) == ["None", "manage"]
    assert len(block.select(chosen)) == 1
    assert block.select(chosen)[0].get_text(strip=True) in ("None", "")


def test_plain_buttons_tell_what_is_chosen_by_their_class_alone():
    first, second = block_of(visit(scope_control="plain").form(), TOKENS).select("button")
    assert first.attrs.keys() == second.attrs.keys() == {"type", "class"}
    assert len(set(first["class"]) - set(second["class"])) == 1


def test_scopes_in_comboboxes_are_no_native_selects():
    block = block_of(visit(scope_control="combobox").form(), TOKENS)
    assert block.select_one("input[role=combobox]")["value"] == "None"
    assert not block.select("select, li")


@pytest.mark.parametrize(
    ("case", "label", "options"),
    [
        ("page", "Sites & routes", ["None", "read-only", "modify"]),
        ("title", "Sites & Routes", ["None", "Read-only", "Modify"]),
        ("lower", "sites & routes", ["none", "read-only", "modify"]),
        ("upper", "SITES & ROUTES", ["NONE", "READ-ONLY", "MODIFY"]),
    ],
)
def test_the_letter_case_of_scopes_changes_and_is_saved_alike(case, label, options):
    here = visit(label_case=case)
    assert texts(block_of(here.form(), label).select("button")) == options
    status, _ = here.save(**{label: options[2]})
    assert status == 200
    assert "store_sites" in here.store.api_accounts[0].scopes


@pytest.mark.parametrize("word", ["manage", "Manage", "modify", "generate tokens"])
def test_the_storefront_permission_has_several_names_and_one_meaning(word):
    here = visit(storefront_option=word)
    form = here.form()
    assert texts(block_of(form, TOKENS).select("button")) == ["None", word]
    assert texts(block_of(form, IMPERSONATION).select("button")) == ["None", word]
    assert texts(block_of(form, "Metafield Ownership").select("button")) == ["None", "manage"]
    here.save(**{TOKENS: word})
    assert "store_storefront_api" in here.store.api_accounts[0].scopes


def test_scopes_are_more_or_fewer_by_plan():
    def labels(blocks: str) -> list[str]:
        form = visit(scope_blocks=blocks, scope_control="switch-named").form()
        return [form.find(id=group["aria-labelledby"]).get_text() for group in form.select("form [role=group]")]

    documented = labels("plan")
    assert len(documented) == 28
    assert set(labels("more")) - set(documented) == {"Storefront API session tokens", "Gift registries"}
    assert labels("more").index("Storefront API session tokens") < labels("more").index(TOKENS)
    assert set(documented) - set(labels("no-impersonation")) == {IMPERSONATION}
    assert set(documented) - set(labels("no-storefront")) == {TOKENS, IMPERSONATION}


@pytest.mark.parametrize(
    ("form", "control"),
    [
        ("combobox", "input[role=combobox][value='V2/V3 API token']:not([readonly])"),
        ("combobox-readonly", "input[role=combobox][readonly]"),
        ("combobox-wrapper", "div[role=combobox] > input:not([role])"),
        ("select", "select option[selected]"),
        ("radio", "input[type=radio][checked]"),
    ],
)
def test_the_token_type_has_each_of_its_forms(form, control):
    assert len(block_of(visit(token_type=form).form(), "Token type").select(control)) == 1


def test_without_a_token_type_the_form_means_v2_v3():
    form = visit(token_type="absent", token_type_first="stencil").form()
    assert "Token type" not in form.get_text()
    assert '"type": "V2/V3 API token"' in str(form)


@pytest.mark.parametrize(
    ("first", "shown"), [("v2-v3", "V2/V3 API token"), ("stencil", "Stencil-CLI token"), ("none", "")]
)
@pytest.mark.parametrize("form", ["combobox", "select", "radio"])
def test_the_form_opens_with_the_type_of_the_variant(form, first, shown):
    block = block_of(visit(token_type=form, token_type_first=first).form(), "Token type")
    match form:
        case "combobox":
            assert block.select_one("[role=combobox]")["value"] == shown
        case "select":
            assert texts(block.select("option[selected]")) == ([shown] if shown else [])
        case "radio":
            assert texts(block.select("label:has([checked])")) == ([shown] if shown else [])


def test_a_form_without_a_type_is_refused_when_saved():
    here = visit(token_type_first="none")
    assert here.save(token_type="")[0] == 422
    assert here.store.api_accounts == []


@pytest.mark.parametrize(("form", "disabled"), [("waits", True), ("checks", False), ("server", False)])
def test_save_waits_or_is_enabled_from_the_start(form, disabled):
    (save,) = [each for each in visit(save_button=form).form().select("button") if each.get_text(strip=True) == "Save"]
    assert save.has_attr("disabled") == disabled


def test_refusals_say_why():
    here = visit()
    assert "at least 4" in here.save(name="ERP")[1]["toast"]["text"]
    assert here.save()[0] == 200
    assert here.save()[0] == 409
    assert here.save(name="x" * 200)[0] == 200
    here.state.variants = Variants(duplicate_names=True)
    assert here.save()[0] == 200
    assert [each.name for each in here.store.api_accounts] == ["ERP connection", "x" * 200, "ERP connection"]


def test_a_long_name_is_refused_by_the_server_or_by_the_box():
    here = visit(name_limit="refused")
    status, answer = here.save(name="x" * 21)
    assert (status, answer["toast"]["text"]) == (422, "Name must be at most 20 characters long")
    assert here.save(name="x" * 20)[0] == 200
    assert [each["maxlength"] for each in visit(name_limit="cut").form().select("input[maxlength]")] == ["20"]
    assert visit().form().select("input[maxlength]") == []


@pytest.mark.parametrize(("fault", "made"), [("500", 0), ("500-after", 1)])
def test_a_save_fails_before_or_after_the_account_is_made(fault, made):
    here = visit(save_fault=fault)
    status, answer = here.save()
    assert (status, len(here.store.api_accounts)) == (500, made)
    assert "window" not in answer


@pytest.mark.parametrize(
    ("extra", "labels"),
    [
        ("none", []),
        ("store-hash", ["Store hash"]),
        ("api-path", ["API path"]),
        ("both", ["Store hash", "API path"]),
    ],
)
def test_the_window_has_more_boxes(extra, labels):
    here = visit(window_extra=extra)
    boxes = here.save()[1]["window"]["boxes"]
    assert [box["label"] for box in boxes] == ["Client ID", "Client secret", "Access token", *labels]
    values = {box["label"]: box["value"] for box in boxes}
    assert values.get("Store hash", here.store.store_hash) == here.store.store_hash
    assert values.get("API path", here.store.api_path) == here.store.api_path


def test_window_and_file_are_left_out_as_asked():
    assert visit(window="never").save()[1]["window"] is None
    assert visit(txt="never").save()[1]["file"] is None


def test_the_server_sends_the_file_as_an_attachment_once_and_to_who_is_signed_in():
    fresh_world(txt_source="server")
    here = PanelVisit()
    _, answer = here.save()
    account = here.store.api_account_named("ERP connection")
    assert answer["file"].keys() == {"name", "address"}
    stranger = Client(dispatcher(here.state)).get(answer["file"]["address"], base_url=f"https://{here.host}")
    assert stranger.status_code == 404
    sent = here.get(answer["file"]["address"])
    assert sent.headers["Content-Disposition"] == f'attachment; filename="{answer["file"]["name"]}"'
    assert f"ACCESS TOKEN: {account.access_token}\n" in sent.text
    assert here.get(answer["file"]["address"]).status_code == 404
    asked = " ".join(each.path for each in here.state.requests)
    assert answer["file"]["address"].rpartition("/")[2] not in asked
