"""The portal: settings, addresses, navigation and the parts that every app builds on."""

__version__ = "0.1"
