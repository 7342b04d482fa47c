"""A grocer: recorded households with invented persons laid over them."""
