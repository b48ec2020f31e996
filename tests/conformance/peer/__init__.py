"""The scripted peer: sends and expects octets, message by message."""
