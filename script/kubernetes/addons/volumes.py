"""Dynamic volumes: a directory on the node that the scheduler chose, as a `local` PersistentVolume.

Local volumes honour fsGroup, which hostPath ones do not. A claim that grows grows its volume (a directory has no
size to change); a released volume is deleted with what is in it, unless its policy is Retain.
"""

import argparse
import os
import re
import shutil
import threading
import time

from kube_api import Api, ApiError, Mirror

CLASS = "standard"
PROVISIONER = "annals.dev/local"
UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
         "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50}


def quantity(text):
    number, unit = re.fullmatch(r"([0-9.]+(?:e[0-9]+)?)([A-Za-z]*)", text).groups()
    return float(number) * UNITS[unit]


def volume_name(claim):
    return f"pvc-{claim['metadata']['uid']}"


def persistent_volume(claim, node, path):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": volume_name(claim), "annotations": {"pv.kubernetes.io/provisioned-by": PROVISIONER}},
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "persistentVolumeReclaimPolicy": "Delete",
            "storageClassName": CLASS,
            "volumeMode": "Filesystem",
            "claimRef": {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": claim["metadata"]["name"],
                         "namespace": claim["metadata"]["namespace"], "uid": claim["metadata"]["uid"]},
            "local": {"path": path},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]}]}},
        },
    }


class Provisioner:
    def __init__(self, api, machines):
        self.api, self.machines = api, machines

    def directory(self, node, volume):
        return f"{self.machines}/{node}/volumes/{volume}"

    def provision(self, claim):
        # As other provisioners: a claim that chooses a volume by its labels gets no other one.
        if claim["spec"].get("selector"):
            return
        node = (claim["metadata"].get("annotations") or {}).get("volume.kubernetes.io/selected-node")
        if not node or not os.path.isdir(f"{self.machines}/{node}/volumes"):
            return
        path = self.directory(node, volume_name(claim))
        os.makedirs(path, exist_ok=True)
        self.api.create("/api/v1/persistentvolumes", persistent_volume(claim, node, path))
        print(f"provisioned {volume_name(claim)} on {node}", flush=True)

    def grow(self, claim, volume):
        wanted = claim["spec"]["resources"]["requests"]["storage"]
        capacity = {"capacity": {"storage": wanted}}
        name, namespace = claim["metadata"]["name"], claim["metadata"]["namespace"]
        if quantity(wanted) > quantity(volume["spec"]["capacity"]["storage"]):
            self.api.patch(f"/api/v1/persistentvolumes/{volume['metadata']['name']}", {"spec": capacity})
        self.api.patch(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}/status", {"status": capacity})
        print(f"grew {volume['metadata']['name']} to {wanted}", flush=True)

    def remove(self, volume):
        shutil.rmtree(volume["spec"]["local"]["path"], ignore_errors=True)
        self.api.delete(f"/api/v1/persistentvolumes/{volume['metadata']['name']}")
        print(f"removed {volume['metadata']['name']}", flush=True)

    def work(self, claims, volumes):
        """Does what is owed between the claims and the volumes as they are now; doing it twice does no harm."""
        ours = {volume["metadata"]["name"]: volume for volume in volumes
                if (volume["metadata"].get("annotations") or {}).get("pv.kubernetes.io/provisioned-by") == PROVISIONER}
        for claim in claims:
            if claim["spec"].get("storageClassName") != CLASS or claim["metadata"].get("deletionTimestamp"):
                continue
            phase, volume = claim["status"].get("phase"), ours.get(volume_name(claim))
            if phase == "Pending" and not volume:
                self.provision(claim)
            elif phase == "Bound" and volume:
                wanted, granted = claim["spec"]["resources"]["requests"]["storage"], claim["status"]["capacity"]["storage"]
                if quantity(wanted) > quantity(granted):
                    self.grow(claim, volume)
        for volume in ours.values():
            released = volume["status"].get("phase") in ("Released", "Failed")
            if volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete" and released and not volume["metadata"].get("deletionTimestamp"):
                self.remove(volume)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server", required=True)
    arguments.add_argument("--pki", required=True)
    arguments.add_argument("--machines", required=True)
    options = arguments.parse_args()

    api = Api(options.server, options.pki)
    changed = threading.Event()
    claims = Mirror(api, "/api/v1/persistentvolumeclaims", changed)
    volumes = Mirror(api, "/api/v1/persistentvolumes", changed)
    claims.synced.wait()
    volumes.synced.wait()
    provisioner = Provisioner(api, options.machines)
    while True:
        changed.clear()
        try:
            provisioner.work(claims.snapshot(), volumes.snapshot())
        except (OSError, ApiError) as error:
            print(f"{error!r}, trying again", flush=True)
            time.sleep(0.5)
            changed.set()
        changed.wait()


if __name__ == "__main__":
    main()
