# The contract of an exporter image.
source "$(dirname "$0")/prelude.sh"
PATH="$PATH:$(echo /opt/cpm/bin/postgres_exporter-*)"

has_flags() {
  local help flag
  help=$(postgres_exporter --help 2>&1)
  for flag in --extend.query-path --web.listen-address --web.config.file --no-collector.stat_bgwriter \
    --disable-default-metrics; do
    # Flags that are on by default are listed as --[no-]flag.
    grep -q -e "${flag#--no-}" <<<"${help//\[no-\]/}" || { echo "no $flag" && return 1; }
  done
}
serves_metrics() {
  printf 'contract:\n  query: "SELECT 1 AS one"\n  metrics:\n    - one: {usage: "GAUGE", description: "one"}\n' \
    >"$work/queries.yml"
  DATA_SOURCE_NAME='postgresql://127.0.0.1:5432/postgres' postgres_exporter \
    --extend.query-path="$work/queries.yml" --web.listen-address=127.0.0.1:9187 &
  succeeds_within 10 "curl --silent --fail --output $work/metrics http://127.0.0.1:9187/metrics" &&
    grep '^pg_up 0' "$work/metrics"
}

check_surroundings
check "postgres_exporter in /opt/cpm/bin/postgres_exporter-*" all_on_path postgres_exporter
check_version "postgres_exporter" "${IMAGE#*:}" postgres_exporter --version
check "the flags that the sidecar's script uses" has_flags
check "metrics over HTTP, with queries of one's own" serves_metrics
