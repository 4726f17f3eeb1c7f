# shellcheck shell=bash
# The cluster's network. Sourced by script/cluster.
# One switch (a bridge that lives on the machine control-plane) joins all machines and this computer. Machines have
# routes to each other's pods and to the services, and no default route: nothing leaves this computer, and none of
# its firewall rules or forwarding settings is touched or matters.

: "${ANNALS_CLUSTER_NET:=10.193}" # the first two bytes of all addresses

host_link=annals${ANNALS_CLUSTER:-0}
nodes_max=9
host_address=$ANNALS_CLUSTER_NET.0.1
control_plane_address=$ANNALS_CLUSTER_NET.0.2
pods_net=$ANNALS_CLUSTER_NET.64.0/18
services_net=$ANNALS_CLUSTER_NET.128.0/18
api_service_address=$ANNALS_CLUSTER_NET.128.1
dns_address=$control_plane_address

node_number() { printf '%s' "${1#node}"; }
node_address() { printf '%s.0.%d' "$ANNALS_CLUSTER_NET" $((10 + $(node_number "$1"))); }
node_pods() { printf '%s.%d.0/24' "$ANNALS_CLUSTER_NET" $((64 + $(node_number "$1"))); }
machine_address() { if [[ $1 == control-plane ]]; then printf '%s' "$control_plane_address"; else node_address "$1"; fi; }

# check_network_free: nothing else on this computer may use the range.
check_network_free() {
  [[ $ANNALS_CLUSTER_NET =~ ^[0-9]{1,3}\.[0-9]{1,3}$ ]] ||
    usage_error "ANNALS_CLUSTER_NET is '$ANNALS_CLUSTER_NET', but must be two bytes such as 10.193"
  [[ ${ANNALS_CLUSTER:-} =~ ^[a-z0-9]{0,5}$ ]] ||
    usage_error "ANNALS_CLUSTER is '$ANNALS_CLUSTER', but must be a name of at most five lower-case letters and digits"
  local used
  used=$(ip -o -4 address show | awk -v net="$ANNALS_CLUSTER_NET." -v own="$host_link" \
    '$2 != own && index($4, net) == 1 { print $2; exit }')
  [[ -z $used ]] || die "the link $used uses addresses of $ANNALS_CLUSTER_NET.0.0/16: set ANNALS_CLUSTER_NET to a free range"
}

# switch_make: the bridge, on the machine control-plane.
switch_make() {
  machine_enter control-plane bash -euc '
    ip link show switch >/dev/null 2>&1 || ip link add switch type bridge
    ip link set switch up
    ip address replace "$0/24" dev switch' "$control_plane_address"
  machine_enter control-plane bash -c "$(routes_for control-plane)"
}

# plug MACHINE: a cable from the switch to the machine's eth0; harmless when it is there.
plug() {
  local pid
  pid=$(machine_pid "$1") || die "machine $1 is not running"
  plug_cable "$1" "$pid" eth0 "$(machine_address "$1")"
  machine_enter "$1" bash -c "$(routes_for "$1")"
  [[ $1 != node* ]] || machine_enter "$1" bash -euc "$refuse_at_once"
}

# A service without an endpoint refuses connections at once. Linux tells a client so once a second, and redirects count;
# and kube-proxy changes its tables one after the other, so that for some milliseconds a service that gets its first
# endpoint is neither refused nor translated. What a client sends then is lost, and is sent again after a second.
refuse_at_once="
  sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0
  rule='FORWARD -p tcp -d $services_net -j REJECT --reject-with tcp-reset'"'
  iptables -C $rule 2>/dev/null || iptables -A $rule'

# plug_host: the same for this computer, so that kubectl, tests and operators on it reach API server, pods and services.
plug_host() {
  plug_cable host "$$" "$host_link" "$host_address"
  bash -c "$(routes_for host)"
}

# plug_cable NAME PID LINK ADDRESS: LINK in the network namespace of PID to a port of the switch.
plug_cable() {
  local name=$1 pid=$2 link=$3 address=$4 enter new=new${ANNALS_CLUSTER:-}-$1
  enter=(nsenter --target "$pid" --net)
  # A link that leads elsewhere is of machines that have ended: the kernel drops it, but some minutes later.
  machine_enter control-plane ip link show "port-$name" >/dev/null 2>&1 ||
    "${enter[@]}" ip link delete "$link" 2>/dev/null || true
  if ! "${enter[@]}" ip link show "$link" >/dev/null 2>&1; then
    ip link delete "$new" 2>/dev/null || true # of a run that was interrupted
    ip link add "$new" type veth peer name "port-$name" netns "$(machine_pid control-plane)"
    ip link set "$new" netns "$pid" name "$link"
  fi
  machine_enter control-plane ip link set "port-$name" master switch up
  "${enter[@]}" ip link set "$link" up
  "${enter[@]}" ip address replace "$address/24" dev "$link"
}

# unplug MACHINE: cuts the machine's network and leaves its processes; plug mends it.
unplug() { machine_enter control-plane ip link set "port-$1" down; }

plugged() { machine_enter control-plane ip -o link show "port-$1" 2>/dev/null | grep -q 'state UP\|LOWER_UP'; }

# routes_for MACHINE: commands that set its routes to all nodes' pods and to the services.
routes_for() {
  local number
  for ((number = 1; number <= nodes_max; number++)); do
    [[ $1 == "node$number" ]] && continue
    echo "ip route replace $(node_pods "node$number") via $(node_address "node$number")"
  done
  # Services are translated where a packet passes a kube-proxy: on a node itself, or on the first node for the others.
  if [[ $1 == node* ]]; then
    echo "ip route replace $services_net via $control_plane_address"
  else
    echo "ip route replace $services_net via $(node_address node1)"
  fi
}
