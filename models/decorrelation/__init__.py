"""The network that marks decorrelated pixels."""
