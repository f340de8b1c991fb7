"""Credit accounts in another style: plain SQL, a connection for each request, and SERIALIZABLE with retries."""
