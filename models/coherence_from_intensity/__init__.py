"""The network that estimates coherence from two detected images."""
