"""How the system's Chromium is started, in tests and benchmarks: headless, and calling nobody."""

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def follow_menu(page, name):
    """A rubric of the menu, which a phone folds."""
    menu = page.locator(".top summary")
    if menu.is_visible():
        menu.click()
    page.get_by_role("link", name=name, exact=True).click()
