# The contract of a pgbackrest image.
contracts=$(dirname "$0")
source "$contracts/prelude.sh"

account=/var/run/secrets/kubernetes.io/serviceaccount

make_certificates() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.crt"
}
server_answers() {
  cat >"$work/server.conf" <<END
[global]
tls-server-address=127.0.0.1
tls-server-ca-file=$work/tls.crt
tls-server-cert-file=$work/tls.crt
tls-server-key-file=$work/tls.key
tls-server-auth=localhost=*
log-level-console=detail
log-level-file=off
END
  pgbackrest server --config="$work/server.conf" &
  succeeds_within 10 "pgbackrest server-ping --config=$work/server.conf"
  pkill -HUP --exact pgbackrest && pgbackrest server-ping --config="$work/server.conf"
}

# Against an API server of a few lines that runs the command right here.
start_api() {
  echo secret >"$account/token" && cp "$work/tls.crt" "$account/ca.crt" || return
  python3 "$contracts/fake-api.py" 6443 "$work/tls.crt" "$work/tls.key" &
  succeeds_within 10 "curl --silent --insecure https://127.0.0.1:6443/"
}
run_job() {
  env KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=6443 NAMESPACE=here SELECTOR="${SELECTOR-one=pod}" \
    CONTAINER="${CONTAINER-pgbackrest}" COMPARE_HASH=true COMMAND="$1" COMMAND_OPTS="${2-}" /opt/crunchy/bin/pgbackrest
}
job_runs_the_command() { run_job version >"$work/job" && cat "$work/job" && grep -q "^pgBackRest" "$work/job"; }
job_has_the_exit_status() {
  local status=0
  run_job info "--output='not a format'" || status=$?
  ((status == 32)) # pgBackRest's own status for a wrong value of an option
}
job_waits_for_the_configuration() {
  CONTAINER=behind run_job version >"$work/job" 2>&1 && grep -q "^pgBackRest" "$work/job" &&
    grep -q "does not have this configuration yet" "$work/job"
}
job_says_that_they_stay_apart() {
  local status=0
  CONTAINER=apart RETRY_SECONDS=1 run_job version >"$work/job" 2>&1 || status=$?
  ((status == 75)) && ! grep -q "^pgBackRest" "$work/job"
}
job_waits_for_the_lock_of_a_stanza() {
  local status=0
  CONTAINER=busy run_job stanza-create >"$work/job" 2>&1 || status=$?
  ((status == 37)) # the second time: pgBackRest's own status for an option that is not there
}
job_waits_for_another_backup() {
  local status=0
  CONTAINER=occupied run_job backup >"$work/job" 2>&1 || status=$?
  ((status == 37)) && grep -q "another pgBackRest command holds the lock" "$work/job"
}
job_waits_no_longer_than_it_may() {
  local status=0
  CONTAINER=locked LOCK_SECONDS=1 run_job backup >"$work/job" 2>&1 || status=$?
  ((status == 50))
}
job_needs_one_pod() { ! SELECTOR=two=pods run_job version 2>"$work/job" && grep -q 'found 2: pod-0 pod-1' "$work/job"; }
job_says_why_not() { ! CONTAINER=forbidden run_job version 2>"$work/job" && grep -q '403.*not in this' "$work/job"; }
job_names_what_is_missing() { ! /opt/crunchy/bin/pgbackrest 2>"$work/job" && grep -q 'COMMAND.*SELECTOR' "$work/job"; }

check_surroundings
check "programs of the repository host" all_on_path pgbackrest /bin/pgbackrest /opt/crunchy/bin/pgbackrest
check_version "pgbackrest" "${IMAGE#*:}" pgbackrest version
check "no configuration that would be read with the mounted one" [ ! -e /etc/pgbackrest.conf ]
if command -v openssl >/dev/null; then
  check "certificates for what follows" make_certificates
  check "a TLS server that answers, also after a reload" server_answers
  check "the Job's command names what is missing in its environment" job_names_what_is_missing
  check "an API server for what follows" start_api
  check "the Job's command runs pgbackrest in the repository host" job_runs_the_command
  check "the Job's command ends with pgbackrest's exit status" job_has_the_exit_status
  check "the Job's command waits until both pods have the same configuration" job_waits_for_the_configuration
  check "the Job's command does not run while they differ" job_says_that_they_stay_apart
  check "the Job's command waits for the lock of a stanza" job_waits_for_the_lock_of_a_stanza
  check "the Job's command waits for another backup" job_waits_for_another_backup
  check "the Job's command does not wait for ever" job_waits_no_longer_than_it_may
  check "the Job's command passes on why the API server refuses" job_says_why_not
  check "the Job's command refuses two repository hosts" job_needs_one_pod
fi
