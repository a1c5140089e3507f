#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# Records the captures in this folder: real traffic between Linux network namespaces, one file for each
# sending interface. README.md says what each file holds.
#
#   sudo ./record.sh [DIR]       record, check, and only then replace the captures in DIR (default: here)
#   ./record.sh --check [DIR]    check the captures in DIR (no root, nothing is recorded)
set -euo pipefail

FILES=(vm0 vm1 mgmt dmz db other net)
declare -A MAC=(
    [vm0]=52:54:00:00:00:01 [vm1]=52:54:00:00:00:02
    [mgmt]=52:54:00:00:00:10 [dmz]=52:54:00:00:00:11 [db]=52:54:00:00:00:12 [other]=52:54:00:00:00:13
    [net]=52:54:00:00:00:20
)
# VLANs of a file, in ascending order; 0 stands for untagged.
declare -A VLANS=([vm0]="101" [vm1]="101" [mgmt]="10" [dmz]="20" [db]="30" [other]="0" [net]="0 10 20 30")
MAX_TOTAL_OCTETS=$((400 * 1024))

fail() {
    printf 'record.sh: %s\n' "$*" >&2
    exit 1
}

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || fail "needs $tool; README.md lists the packages"
    done
}

# ---- what is left behind: nothing ---------------------------------------------------------------------------------

NAMESPACES=()
SCRATCH=

cleanup() {
    local status=$? item
    trap - EXIT
    # Only children that still run: the id of one that has ended may be another process's by now.
    for item in $(jobs -rp); do
        kill "$item" 2>/dev/null || true
        wait "$item" 2>/dev/null || true
    done
    for item in "${NAMESPACES[@]}"; do
        # What a conversation below had started itself. The namespace is ours, so whoever lives in it is too.
        ip netns pids "$item" 2>/dev/null | xargs -r kill 2>/dev/null || true
        ip netns del "$item" 2>/dev/null || true
    done
    if ((status != 0)) && [[ -s $SCRATCH/stderr ]]; then
        printf 'record.sh: the last words of the processes in the background:\n' >&2
        tail -n 10 "$SCRATCH/stderr" >&2
    fi
    rm -rf "$SCRATCH"
    exit "$status"
}

# ---- check -----------------------------------------------------------------------------------------------------

# Frames of FILE that match FILTER, with every checksum verified.
count() { # FILE FILTER
    local frames
    # Assigned first: in a pipe straight to the caller, a failing tshark would pass as "no frame found".
    frames=$(tshark -n -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE \
        -Y "$2" -T fields -e frame.number 2>/dev/null) || fail "tshark cannot read $1 with the filter: $2"
    if [[ -z $frames ]]; then echo 0; else wc -l <<<"$frames"; fi
}

expect_none() { # FILE FILTER WHAT
    local n
    n=$(count "$1" "$2")
    ((n == 0)) || fail "$1: $n frames $3 (tshark -r $1 -Y '$2')"
}

expect_some() { # FILE FILTER WHAT
    local n
    n=$(count "$1" "$2")
    ((n > 0)) || fail "$1: no frame $3 (tshark -r $1 -Y '$2')"
}

expect_vlans() { # FILE VLANS
    local found
    found=$(tshark -n -r "$1" -T fields -E occurrence=f -e vlan.id 2>/dev/null | sed 's/^$/0/' | sort -nu | paste -sd' ')
    [[ $found == "$2" ]] || fail "$1: VLANs $2 expected, found $found"
}

check() { # DIR
    local dir=$1 name file total=0 merged sides
    for name in "${FILES[@]}"; do
        file=$dir/$name.pcap
        [[ -s $file ]] || fail "$file is missing or empty"
        expect_none "$file" "!(eth.src == ${MAC[$name]})" "from another source than ${MAC[$name]}"
        expect_none "$file" "_ws.malformed" "malformed"
        expect_none "$file" "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 || icmp.checksum.status == 0 || igmp.checksum.status == 0" "with a bad checksum"
        expect_none "$file" "frame.cap_len < frame.len" "cut short by the recorder"
        expect_none "$file" "frame.time_delta < 0" "out of time order"
        expect_none "$file" "ipv6" "of IPv6"
        expect_vlans "$file" "${VLANS[$name]}"
        expect_some "$file" "arp" "of ARP"
        expect_some "$file" "tcp.len > 0" "with TCP data"
        total=$((total + $(stat -c %s "$file")))
    done
    for name in vm0 vm1; do
        file=$dir/$name.pcap
        expect_some "$file" "frame.len > 4000 && icmp" "that is a jumbo ping"
        expect_some "$file" "frame.len > 4000 && tcp" "that is a jumbo TCP segment"
        expect_some "$file" "arp && eth.dst == ff:ff:ff:ff:ff:ff" "of broadcast ARP"
        expect_some "$file" "igmp && eth.dst == 01:00:5e:00:00:16" "that joins a group"
        expect_some "$file" "udp && eth.dst == 01:00:5e:01:01:01 && vlan.priority == 4" "to 239.1.1.1 with PCP 4"
        expect_some "$file" "icmp && vlan.priority == 5" "of ICMP with PCP 5"
    done
    for name in mgmt dmz db other; do
        expect_none "$dir/$name.pcap" "frame.len > 1518" "over 1518 octets"
    done
    expect_none "$dir/net.pcap" "frame.len > 1518" "over 1518 octets"
    expect_none "$dir/db.pcap" "!(vlan.priority == 3)" "without PCP 3"
    expect_some "$dir/other.pcap" "eth.dst.ig == 1 && udp" "of group UDP"
    # The sides of a conversation belong together: no segment and no acknowledgement without its counterpart.
    merged=$SCRATCH/merged.pcap
    for name in "vm0 vm1" "mgmt dmz db other net"; do
        read -ra sides <<<"$name"
        sides=("${sides[@]/#/"$dir/"}")
        mergecap -F nsecpcap -w "$merged" "${sides[@]/%/.pcap}"
        expect_none "$merged" "tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.retransmission" \
            "of TCP without their counterpart in: $name"
    done
    ((total < MAX_TOTAL_OCTETS)) || fail "$dir: $total octets in all, at most $MAX_TOTAL_OCTETS wanted"
    printf 'checked: %d files, %d octets\n' "${#FILES[@]}" "$total"
}

# ---- record ----------------------------------------------------------------------------------------------------

ns() { printf 'vireo-%d-%s' $$ "$1"; } # the process id keeps two recordings apart
in_ns() { ip netns exec "$(ns "$1")" "${@:2}"; }

# Starts a command in the background of a namespace. `exec` in the subshell: the job is the command itself.
start() { # NAMESPACE COMMAND...
    (exec ip netns exec "$(ns "$1")" "${@:2}") </dev/null >/dev/null 2>>"$SCRATCH/stderr" &
}

until_true() { # WHAT COMMAND...
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        if "${@:2}"; then return; fi
        sleep 0.1
    done
    fail "waited 10 s in vain: $1"
}

has_interface() { in_ns "$1" test -e "/sys/class/net/$2"; } # NAMESPACE INTERFACE
listening() { [[ -n $(in_ns "$1" ss -Hln"$2" "sport = :$3") ]]; } # NAMESPACE t|u PORT

serve() { # NAMESPACE t|u PORT COMMAND...
    start "$1" "${@:4}"
    until_true "port $3 in $1" listening "$1" "$2" "$3"
}

add_host() { # NAMESPACE
    ip netns add "$(ns "$1")"
    NAMESPACES+=("$(ns "$1")")
    # No IPv6, so that each frame is one asked for here; reno, since the machine's default may be anything; one IGMP
    # report for each join, not a random number of repeats; ARP only for an interface's own address; and a
    # gratuitous ARP when an interface comes up, as a guest sends it that has just arrived.
    in_ns "$1" sysctl -qw \
        net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1 \
        net.ipv4.tcp_congestion_control=reno net.ipv4.igmp_qrv=1 \
        net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2 net.ipv4.conf.all.arp_notify=1
}

wire() { # NAMESPACE INTERFACE MAC MTU NAMESPACE INTERFACE MAC
    ip -n "$(ns "$1")" link add name "$2" address "$3" mtu "$4" type veth \
        peer name "$6" address "$7" mtu "$4" netns "$(ns "$5")"
    honest_frames "$1" "$2"
    honest_frames "$5" "$6"
    ip -n "$(ns "$1")" link set "$2" up
    ip -n "$(ns "$5")" link set "$6" up
}

# Without offloads the recorder sees what a wire would carry: real segments, tags in place, checksums filled in.
honest_frames() { # NAMESPACE INTERFACE
    in_ns "$1" ethtool -K "$2" tx off rx off sg off tso off gso off gro off txvlan off rxvlan off >/dev/null
}

# A VLAN interface as a TAP device of the same MAC address, and a process that puts the tag on towards the wire and
# takes it off from there: so the recording needs no 802.1Q in the kernel, and looks the same with any. PCP is a
# number for every frame, or "precedence": the top three bits of an IPv4 frame's TOS, 0 for anything else.
add_vlan() { # NAMESPACE INTERFACE VID PCP MTU ADDRESS/LENGTH
    local vlan=$2.$3
    start "$1" python3 "$SCRATCH/vlan.py" "$2" "$3" "$4" "$vlan"
    until_true "$vlan in $1" has_interface "$1" "$vlan"
    ip -n "$(ns "$1")" link set "$vlan" address "$(in_ns "$1" cat "/sys/class/net/$2/address")" mtu "$5"
    ip -n "$(ns "$1")" address add "$6" dev "$vlan"
    ip -n "$(ns "$1")" link set "$vlan" up
}

write_vlan_interface() { # FILE
    cat >"$1" <<'PYTHON'
import fcntl, os, select, socket, struct, sys

parent, vid, pcp, name = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
# <linux/if_packet.h>, <linux/if_tun.h>
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING, AUXDATA = 263, 8, 23, struct.Struct("=IIIHHHH")
TP_STATUS_VLAN_VALID, ETH_P_ALL, TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x10, 0x0003, 0x400454CA, 0x0002, 0x1000

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
wire.bind((parent, ETH_P_ALL))
wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)  # the kernel has taken the tag off a frame before it gets here
wire.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
tap = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))


def priority(frame):
    if pcp != "precedence":
        return int(pcp)
    return frame[15] >> 5 if frame[12:14] == b"\x08\x00" else 0


while True:
    ready, _, _ = select.select([tap, wire], [], [])
    if tap in ready:
        frame = os.read(tap, 65536)
        wire.send(frame[:12] + struct.pack("!HH", 0x8100, priority(frame) << 13 | vid) + frame[12:])
    if wire in ready:
        frame, ancillary, _, _ = wire.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
        for level, kind, data in ancillary:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, _, _, _, _, tci, _ = AUXDATA.unpack(data[: AUXDATA.size])
                if status & TP_STATUS_VLAN_VALID and tci & 0xFFF == vid and frame:
                    try:
                        os.write(tap, frame)
                    except OSError:
                        pass  # the interface is not up yet: a NIC that is down hears nothing either
PYTHON
}

RECORDERS=()
record() { # NAME NAMESPACE INTERFACE
    local log=$SCRATCH/$1.log
    (exec ip netns exec "$(ns "$2")" tcpdump -n -i "$3" -Q out -s 0 --immediate-mode -U -Z root \
        --time-stamp-precision=nano -w "$SCRATCH/$1.raw" "ether src ${MAC[$1]}") </dev/null >/dev/null 2>"$log" &
    RECORDERS+=("$1:$!")
    until_true "tcpdump on $1" grep -qs 'listening on' "$log"
}

stop_recorders() {
    local entry name
    sleep 1 # the last acknowledgements
    for entry in "${RECORDERS[@]}"; do
        name=${entry%%:*}
        kill -INT "${entry##*:}"
        wait "${entry##*:}" || fail "tcpdump on $name: $(cat "$SCRATCH/$name.log")"
        grep -q '^0 packets dropped by kernel' "$SCRATCH/$name.log" || fail "tcpdump on $name lost frames"
        reordercap "$SCRATCH/$name.raw" "$SCRATCH/$name.pcap" >/dev/null
    done
    RECORDERS=()
}

# Lines of 32 octets, numbered, so that a damaged frame can be seen by eye.
text() { # OCTETS (a multiple of 32) WORD
    awk -v lines=$(($1 / 32)) -v word="$2" 'BEGIN { for (i = 0; i < lines; i++) printf "%-20.20s%011d\n", word, i }'
}

send_file() { # FROM FILE TO ADDRESS PORT
    serve "$3" t "$5" socat -u "TCP4-LISTEN:$5,reuseaddr" "OPEN:$SCRATCH/received.$5,creat,trunc"
    in_ns "$1" socat -u "FILE:$2" "TCP4:$4:$5,connect-timeout=10"
    until_true "all of $2 at $4" cmp -s "$2" "$SCRATCH/received.$5"
}

# Two guests on one wire, all in VLAN 101. The PCP follows IP precedence: EF ping 5, CS4 multicast 4, the kernel's
# IGMP (CS6) 6, anything else 0.
record_guests() {
    local group=239.1.1.1 i from address
    add_host vm0
    add_host vm1
    wire vm0 eth0 "${MAC[vm0]}" 9000 vm1 eth0 "${MAC[vm1]}"
    record vm0 vm0 eth0
    record vm1 vm1 eth0
    add_vlan vm0 eth0 101 precedence 9000 10.0.101.1/24
    add_vlan vm1 eth0 101 precedence 9000 10.0.101.2/24

    in_ns vm0 ping -q -c 5 -i 0.2 -s 56 10.0.101.2 >/dev/null
    in_ns vm1 ping -q -c 5 -i 0.2 -s 56 -Q 0xb8 10.0.101.1 >/dev/null
    in_ns vm0 ping -q -c 1 -s 8000 -M "do" 10.0.101.2 >/dev/null

    text 49152 "vm0 to vm1" >"$SCRATCH/up"
    text 24576 "vm1 to vm0" >"$SCRATCH/down"
    send_file vm0 "$SCRATCH/up" vm1 10.0.101.2 5001
    send_file vm1 "$SCRATCH/down" vm0 10.0.101.1 5002

    for from in vm0:10.0.101.1 vm1:10.0.101.2; do
        address=${from##*:}
        ip -n "$(ns "${from%%:*}")" route add 224.0.0.0/4 dev eth0.101
        serve "${from%%:*}" u 5004 socat -u "UDP4-RECV:5004,ip-add-membership=$group:$address" \
            "OPEN:$SCRATCH/heard.${from%%:*},creat,trunc"
    done
    for from in vm0 vm1; do
        for i in 1 2 3; do
            echo "$from multicast $i" | in_ns "$from" socat -u - "UDP4-DATAGRAM:$group:5004,tos=0x80,ip-multicast-loop=0"
        done
    done
    until_true "vm0's datagrams at vm1" grep -q 'vm0 multicast 3' "$SCRATCH/heard.vm1"
    until_true "vm1's datagrams at vm0" grep -q 'vm1 multicast 3' "$SCRATCH/heard.vm0"
    stop_recorders
}

# A host with an interface for each kind of traffic, behind a bridge whose fifth port leads to one partner.
record_host() {
    local port job jobs=()
    add_host host
    add_host switch
    add_host net
    ip -n "$(ns switch)" link add name br0 type bridge mcast_snooping 0 stp_state 0
    wire host mgmt "${MAC[mgmt]}" 1500 switch p0 52:54:00:00:01:00
    wire host dmz "${MAC[dmz]}" 1500 switch p1 52:54:00:00:01:01
    wire host db "${MAC[db]}" 1500 switch p2 52:54:00:00:01:02
    wire host other "${MAC[other]}" 1500 switch p3 52:54:00:00:01:03
    wire net eth0 "${MAC[net]}" 1500 switch p4 52:54:00:00:01:04
    for port in p0 p1 p2 p3 p4; do ip -n "$(ns switch)" link set "$port" master br0; done
    ip -n "$(ns switch)" link set br0 up
    for port in p0 p1 p2 p3 p4; do until_true "$port forwards" forwarding "$port"; done

    for port in mgmt dmz db other; do record "$port" host "$port"; done
    record net net eth0
    add_vlan net eth0 10 0 1500 10.0.10.20/24
    add_vlan net eth0 20 0 1500 10.0.20.20/24
    add_vlan net eth0 30 3 1500 10.0.30.20/24
    ip -n "$(ns net)" address add 10.0.1.20/24 dev eth0
    add_vlan host mgmt 10 0 1500 10.0.10.10/24
    add_vlan host dmz 20 0 1500 10.0.20.11/24
    add_vlan host db 30 3 1500 10.0.30.12/24
    ip -n "$(ns host)" address add 10.0.1.13/24 broadcast 10.0.1.255 dev other
    ip -n "$(ns host)" route add 224.0.0.0/4 dev other

    mkdir "$SCRATCH/status" "$SCRATCH/site"
    text 2048 "status" >"$SCRATCH/status/status.txt"
    text 16384 "page" >"$SCRATCH/site/page.txt"
    text 40960 "db to net" >"$SCRATCH/rows"
    text 20480 "net to db" >"$SCRATCH/answer"
    text 4096 "other" >"$SCRATCH/odd"
    serve host t 8080 python3 -m http.server --bind 10.0.10.10 --directory "$SCRATCH/status" 8080
    serve host t 80 python3 -m http.server --bind 10.0.20.11 --directory "$SCRATCH/site" 80
    serve net u 514 socat -u UDP4-RECV:514 "OPEN:$SCRATCH/syslog,creat,trunc"
    serve net u 5005 socat -u UDP4-RECV:5005,ip-add-membership=239.1.1.2:10.0.1.20 "OPEN:$SCRATCH/heard.net,creat,trunc"

    # All four at once, so that their frames interleave at the partner.
    for job in mgmt dmz db other; do
        "talk_$job" &
        jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || fail "one of the host's four conversations failed"; done
    stop_recorders
}

forwarding() { bridge -n "$(ns switch)" link show dev "$1" | grep -q 'state forwarding'; }

talk_mgmt() {
    local i
    in_ns host ping -q -c 5 -i 0.2 10.0.10.20 >/dev/null
    for i in 1 2 3 4 5; do
        echo "<14>host vireo: management message $i" | in_ns host socat -u - UDP4-SENDTO:10.0.10.20:514
    done
    for i in 1 2; do in_ns net curl -sf -m 10 -o /dev/null http://10.0.10.10:8080/status.txt; done
}

talk_dmz() {
    local i
    for i in 1 2; do in_ns net curl -sf -m 10 -o /dev/null http://10.0.20.11/page.txt; done
}

talk_db() {
    send_file host "$SCRATCH/rows" net 10.0.30.20 5432
    send_file net "$SCRATCH/answer" host 10.0.30.12 5433
}

talk_other() {
    local i
    in_ns host ping -q -c 5 -i 0.2 10.0.1.20 >/dev/null
    in_ns net ping -q -c 5 -i 0.2 -s 1472 -M "do" 10.0.1.13 >/dev/null
    send_file host "$SCRATCH/odd" net 10.0.1.20 7001
    for i in 1 2 3; do
        echo "other multicast $i" | in_ns host socat -u - UDP4-DATAGRAM:239.1.1.2:5005
        echo "other broadcast $i" | in_ns host socat -u - UDP4-DATAGRAM:10.0.1.255:5005,broadcast
    done
}

# ---- command line ----------------------------------------------------------------------------------------------

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
need tshark mergecap
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
SCRATCH=$(mktemp -d)
if [[ ${1:-} == --check ]]; then
    check "${2:-$HERE}"
    exit
fi
[[ ${1:-} != -* ]] || fail "unknown option $1; usage: record.sh [--check] [DIR]"
DIR=${1:-$HERE}
[[ -d $DIR ]] || fail "$DIR is not a directory"
((EUID == 0)) || fail "network namespaces need root; --check does not"
[[ -c /dev/net/tun ]] || fail "needs /dev/net/tun"
need ip bridge ss sysctl ethtool tcpdump reordercap ping socat curl python3

write_vlan_interface "$SCRATCH/vlan.py"
record_guests
record_host
check "$SCRATCH"
for name in "${FILES[@]}"; do install -m 644 "$SCRATCH/$name.pcap" "$DIR/$name.pcap"; done
