"""What all simulators share: a loopback server, scripted weather, a record of calls and ``/_control``."""

from integrations.http.simulation.forms import Uploaded, fields_of
from integrations.http.simulation.pushes import Heard, Push, Pusher
from integrations.http.simulation.server import Simulator
from integrations.http.simulation.words import ANY, Answer, Asked, Handler, Recorded, Route, Weather

__all__ = [
    "ANY",
    "Answer",
    "Asked",
    "Handler",
    "Heard",
    "Push",
    "Pusher",
    "Recorded",
    "Route",
    "Simulator",
    "Uploaded",
    "Weather",
    "fields_of",
]
