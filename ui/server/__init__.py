"""What Streamlit does not serve: routes, compression, what runs with the server."""
