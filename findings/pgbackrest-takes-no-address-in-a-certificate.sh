#!/usr/bin/env bash
# An S3 server that is reached by its IP address, with a certificate that has this address as subjectAltName "IP:", of a
# CA that pgBackRest is told. A guess: it connects, as curl and every browser do. Seen: pgBackRest compares names only, so
# it refuses the certificate; the same server by the certificate's "DNS:" name is spoken to.
set -euo pipefail
: "${PGBACKREST_VERSION:=2.45-1}" "${PORT:=28443}"
work=$(mktemp -d)
server=
finish() {
  [[ -z $server ]] || kill "$server"
  rm -rf "$work"
}
trap finish EXIT

mkdir "$work/packages" "$work/root" && cd "$work/packages"
apt-get download "pgbackrest=$PGBACKREST_VERSION" libpq5 libssh2-1 &>/dev/null
for package in *.deb; do dpkg -x "$package" "$work/root"; done
export LD_LIBRARY_PATH=$work/root/usr/lib/x86_64-linux-gnu

cd "$work"
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out crt -days 2 -subj /CN=store \
  -addext 'subjectAltName=IP:127.0.0.1,DNS:localhost' 2>/dev/null
openssl s_server -accept "127.0.0.1:$PORT" -cert crt -key key -quiet &>/dev/null &
server=$!
# 52: connected over TLS, and got no answer to HTTP.
curl_says=0
for _ in {1..100}; do
  curl_says=0
  curl -s -m 2 --cacert crt "https://127.0.0.1:$PORT/" -o /dev/null || curl_says=$?
  [[ $curl_says == 7 ]] || break
  sleep 0.1
done

# pgbackrest HOST: what it says of the server under that name.
pgbackrest() {
  cat >pgbackrest.conf <<END
[global]
repo1-type=s3
repo1-s3-bucket=backups
repo1-s3-endpoint=store
repo1-s3-region=eu
repo1-s3-key=key
repo1-s3-key-secret=secret
repo1-s3-uri-style=path
repo1-storage-host=$1
repo1-storage-port=$PORT
repo1-storage-ca-file=$work/crt
io-timeout=2
log-level-file=off
END
  "$work/root/usr/bin/pgbackrest" --config="$work/pgbackrest.conf" --stanza=db info 2>&1 | grep -o '\[[A-Z][A-Za-z]*Error\].*' | head -n 1
}
by_address=$(pgbackrest 127.0.0.1)
by_name=$(pgbackrest localhost)
echo "$("$work/root/usr/bin/pgbackrest" version): curl by the address: exit status $curl_says (28 and 52: connected)"
echo "by the address: $by_address"
echo "by the name: $by_name"
[[ $curl_says =~ ^(28|52)$ && $by_address == *"unable to find hostname"* && $by_name == *FileReadError* ]] ||
  { echo "this has changed" >&2 && exit 1; }
