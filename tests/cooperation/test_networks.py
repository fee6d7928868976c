import time_machine
from django.test import RequestFactory

from cooperation.networks import network_of


def code(address):
    return network_of(RequestFactory().get("/", REMOTE_ADDR=address))


def test_a_network_has_its_code_of_the_day_which_tells_no_address():
    with time_machine.travel("2026-11-02", tick=False):
        first = code("10.0.0.1")
        assert first == code("10.0.0.1") != code("10.0.0.2")
        assert code("2001:db8::1") == code("2001:db8::ffff") != code("2001:db8:0:1::1")
        assert (len(first), code("x"), code("")) == (32, "", "")
    with time_machine.travel("2026-11-03", tick=False):
        assert code("10.0.0.1") != first
