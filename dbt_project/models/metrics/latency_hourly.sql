{{ latencies_by_hour(ref('message_latency')) }}
