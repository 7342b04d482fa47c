{{ message_latencies() }}
