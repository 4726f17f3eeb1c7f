"""Names of Services and of the pods behind them, for the pods of the cluster.

Writes a hosts file for dnsmasq from what the API server tells, and has dnsmasq read it again after each change.
Answers SERVICE.NS.svc.cluster.local, for headless Services also HOSTNAME.SERVICE.NS.svc.cluster.local, and the
reverse of both. Nothing is asked elsewhere: any other name does not exist.
"""

import argparse
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

from kube_api import Api, Mirror

ZONE = "svc.cluster.local"


def records(services, endpoints):
    """Lines of the hosts file. dnsmasq answers a reverse query with an address's first name: hosts come first."""
    hosts, names = set(), set()
    headless = set()
    for service in services:
        name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
        address = service["spec"].get("clusterIP", "")
        if address == "None":
            headless.add((namespace, name))
        elif address:
            names.add(f"{address} {name}.{namespace}.{ZONE}")
    for item in endpoints:
        name, namespace = item["metadata"]["name"], item["metadata"]["namespace"]
        if (namespace, name) not in headless:
            continue
        for subset in item.get("subsets") or []:
            for address in subset.get("addresses") or []:
                ip = address["ip"]
                host = address.get("hostname") or ip.replace(".", "-")
                hosts.add(f"{ip} {host}.{name}.{namespace}.{ZONE}")
                names.add(f"{ip} {name}.{namespace}.{ZONE}")
    return sorted(hosts) + sorted(names)


def start_dnsmasq(listen, hosts_file):
    def end_with_parent():
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    return subprocess.Popen(
        ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file", "--user=root", "--group=root",
         "--no-resolv", "--no-poll", "--no-hosts", f"--addn-hosts={hosts_file}", "--local=//", "--local=/#/",
         f"--listen-address={listen}", "--bind-interfaces", "--cache-size=0", "--log-facility=-"],
        preexec_fn=end_with_parent)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--server", required=True)
    arguments.add_argument("--pki", required=True)
    arguments.add_argument("--listen", required=True)
    arguments.add_argument("--directory", required=True)
    options = arguments.parse_args()
    os.makedirs(options.directory, exist_ok=True)
    hosts_file = f"{options.directory}/hosts"
    synced_file = f"{options.directory}/synced"
    if os.path.exists(synced_file):
        os.remove(synced_file)

    api = Api(options.server, options.pki)
    changed = threading.Event()
    services = Mirror(api, "/api/v1/services", changed)
    endpoints = Mirror(api, "/api/v1/endpoints", changed)
    services.synced.wait()
    endpoints.synced.wait()

    written, dnsmasq = None, None
    while True:
        changed.clear()
        lines = records(services.snapshot(), endpoints.snapshot())
        if lines != written:
            with open(f"{hosts_file}.new", "w", encoding="ascii") as file:
                file.writelines(f"{line}\n" for line in lines)
            os.replace(f"{hosts_file}.new", hosts_file)
            written = lines
            if dnsmasq:
                dnsmasq.send_signal(signal.SIGHUP)
        if not dnsmasq:
            dnsmasq = start_dnsmasq(options.listen, hosts_file)
            open(synced_file, "w", encoding="ascii").close()
        while not changed.wait(timeout=1):
            if dnsmasq.poll() is not None:
                sys.exit(f"dnsmasq has ended with status {dnsmasq.returncode}")
        time.sleep(0.02)  # changes come in flocks: one reading of the file for all


if __name__ == "__main__":
    main()
