"""What services have, fetched, checked and stored: whole files, and nothing wrong among them."""

from qartifacts.fetching.devices import Document, FetchedDevice, Outcome, fetch_device

__all__ = ["Document", "FetchedDevice", "Outcome", "fetch_device"]
