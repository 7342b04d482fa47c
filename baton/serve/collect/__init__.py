"""The collector: events over the HTTP tracking API become landed files, durable before the answer.

The API is the one that tracking libraries of Segment and RudderStack speak.
"""
