"""Reads records as linked data, with the context that the server itself serves.

Asks for each collection as application/ld+json, expands the first record with a
processor of its own, and demands that it is named, typed and linked. Prints one
line a collection; exits non-zero at the first that is not linked data.
"""

import json
import os
import sys
import urllib.request

from pyld import jsonld

URL = os.environ["RMD_URL"]
TYPES = {"mine-sites": "MineSite", "export-certificates": "ExportCertificate", "lots": "Lot"}
VOCABULARY = "https://icglr.org/vocab/"


def get(path, accept):
    headers = {"Authorization": f"Bearer {os.environ['RMD_TOKEN']}", "Accept": accept}
    with urllib.request.urlopen(urllib.request.Request(path, headers=headers)) as response:
        return response.headers.get_content_type(), json.load(response)


def load(url, _options):
    """The only documents that are fetched are the server's own."""
    if not url.startswith(URL):
        raise ValueError(f"the context leads elsewhere: {url}")
    kind, document = get(url, "application/ld+json")
    return {"contentType": kind, "contextUrl": None, "documentUrl": url, "document": document}


def main():
    for collection, name in TYPES.items():
        kind, page = get(f"{URL}/{collection}?limit=1", "application/ld+json")
        assert kind == "application/ld+json", kind
        options = {"base": f"{URL}/{collection}", "documentLoader": load}
        expanded = jsonld.expand(page, options)
        text = json.dumps(expanded)
        assert f'"@type": ["{VOCABULARY}{name}"]' in text, f"no {name} in {text[:500]}"
        assert f'"@id": "{URL}/{collection}/' in text, f"no name of a record in {text[:500]}"
        quads = jsonld.to_rdf(page, options)["@default"]
        assert len(quads) > 10, f"{len(quads)} statements about a {name}"
        print(f"{collection}: {len(quads)} statements about a {name}")


if __name__ == "__main__":
    sys.exit(main())
