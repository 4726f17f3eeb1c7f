"""The little of the Kubernetes API that the cluster's add-ons need: requests, and a mirror of one kind by list and watch."""

import http.client
import json
import ssl
import threading
import time


class Api:
    """A client with a certificate; one connection per request, so any thread may use it."""

    def __init__(self, server, pki):
        self.host, self.port = server.split(":")
        self.tls = ssl.create_default_context(cafile=f"{pki}/ca.crt")
        self.tls.load_cert_chain(f"{pki}/addons.crt", f"{pki}/addons.key")

    def open(self, method, path, body=None, content_type="application/json", timeout=30):
        connection = http.client.HTTPSConnection(self.host, int(self.port), context=self.tls, timeout=timeout)
        payload = json.dumps(body) if body is not None else None
        connection.request(method, path, payload, {"Content-Type": content_type})
        response = connection.getresponse()
        if response.status >= 300:
            raise ApiError(response.status, f"{method} {path}: {response.read()[:300].decode(errors='replace')}")
        return response

    def get(self, path):
        return json.load(self.open("GET", path))

    def create(self, path, body):
        """Creates; an object that is there already is as good."""
        try:
            self.open("POST", path, body)
        except ApiError as error:
            if error.status != 409:
                raise

    def patch(self, path, body):
        self.open("PATCH", path, body, "application/merge-patch+json")

    def delete(self, path):
        """Deletes; an object that is gone already is as good."""
        try:
            self.open("DELETE", path)
        except ApiError as error:
            if error.status != 404:
                raise


class ApiError(Exception):
    def __init__(self, status, message):
        super().__init__(f"{status} {message}")
        self.status = status


class Mirror:
    """All objects of one kind, kept current by a thread of its own; `changed` is set after each change."""

    def __init__(self, api, path, changed):
        self.api, self.path, self.changed = api, path, changed
        self.objects = {}
        self.synced = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    def snapshot(self):
        return list(self.objects.values())

    def _follow(self):
        while True:
            try:
                self._list_and_watch()
            except (OSError, ApiError, ValueError, http.client.HTTPException) as error:
                print(f"{self.path}: {error!r}, listing again", flush=True)
                time.sleep(0.5)

    def _list_and_watch(self):
        found = self.api.get(self.path)
        self.objects = {item["metadata"]["uid"]: item for item in found["items"]}
        self.synced.set()
        self.changed.set()
        version = found["metadata"]["resourceVersion"]
        stream = self.api.open("GET", f"{self.path}?watch=true&resourceVersion={version}&timeoutSeconds=300", timeout=330)
        for line in stream:
            event = json.loads(line)
            item = event["object"]
            if event["type"] == "ERROR":
                return
            objects = dict(self.objects)  # readers keep the one that they hold
            if event["type"] == "DELETED":
                objects.pop(item["metadata"]["uid"], None)
            else:
                objects[item["metadata"]["uid"]] = item
            self.objects = objects
            self.changed.set()
