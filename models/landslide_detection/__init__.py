"""Network that finds landslides in stacks of phase gradients: boxes, outlines, scores."""
