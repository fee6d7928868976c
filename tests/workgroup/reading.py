"""What a person opens."""


def opens(client, document):
    """Whether the file of a document is sent to them; it is read to its end, as a browser does."""
    answer = client.get(document.get_absolute_url())
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    return answer.status_code == 200
