"""Where the machine that runs the tests is, seen from this target; a board joins the network."""


def test_host():
    """Return the address (str) at which this target reaches the test servers' 127.0.0.1."""
    try:
        import emulated_net  # frozen into the emulated board
    except ImportError:
        return "127.0.0.1"
    emulated_net.up()
    return emulated_net.HOST
