"""What the accessibility checker axe-core finds on a page in a browser."""

#: Rules that apply to all that our pages show: a check without them has looked at nothing.
_ALWAYS = {"aria-allowed-attr", "color-contrast", "region"}


def axe_faults(page, where: str) -> list[tuple[str, ...]]:
    """Return the faults: where, rule, impact, element; fails where the checker saw no page."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response
    looked_at = {rule["id"] for kind in ("passes", "violations") for rule in found[kind]}
    assert looked_at >= _ALWAYS, f"{where}: only {sorted(looked_at)} were checked"
    return [
        (where, fault["id"], fault["impact"], fault["nodes"][0]["html"][:120])
        for fault in found["violations"]
    ]
