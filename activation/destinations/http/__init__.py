"""The generic destination: any tool with an HTTP API, by configuration alone (`type: http`)."""

from activation.destinations.http.calls import CheckedSettings, calls
from activation.destinations.kind import Kind

KIND = Kind(CheckedSettings, calls, erases_by=("external_id", "email", "phone"))
