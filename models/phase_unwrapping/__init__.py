"""PUNet: the gradients of the unwrapped phase, how sure they are, and where the ground sinks."""
