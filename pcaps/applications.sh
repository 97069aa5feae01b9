# shellcheck shell=bash disable=SC2154 # what it uses is make's
# Scenes of pcaps/make: what applications say, mostly encrypted. Sourced by it.

# certificate: a key and a certificate in $scratch, for two names and an address.
certificate() {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout "$scratch/key.pem" \
                -out "$scratch/certificate.pem" -subj '/O=Filt/CN=www.example.org' \
                -addext 'subjectAltName=DNS:www.example.org,DNS:example.org,IP:192.0.2.2'
}

scene_tls() {
        certificate
        local server=(openssl s_server -key "$scratch/key.pem" -cert "$scratch/certificate.pem" -alpn 'h2,http/1.1' -www)
        serve "$b" tcp 443 "${server[@]}" -accept 443
        serve "$b" tcp 4433 "${server[@]}" -accept 4433
        talk() { (printf 'GET / HTTP/1.0\r\n\r\n'; sleep 0.3) | in_a timeout 2 openssl s_client "$@"; }
        tls_traffic() {
                talk -connect 192.0.2.2:443 -servername www.example.org -alpn h2,http/1.1
                talk -connect 192.0.2.2:443 -servername example.org -tls1_2 -alpn http/1.1
                talk -connect '[2001:db8::2]:4433' -servername other.example -tls1_2
                talk -connect 192.0.2.2:4433 -noservername -groups P-384:P-256
                talk -connect 192.0.2.2:443 -alpn nothing                           # an alert: none in common
                talk -connect 192.0.2.2:443 -tls1_2 -cipher AES128-SHA               # another: no cipher fits the key
        }
        record tls a0 tcp -- tls_traffic
        stop_servers
}

scene_quic() {
        certificate
        echo hello >"$scratch/index.html"
        local server=(gtlsserver -q --no-pmtud -d "$scratch" --max-udp-payload-size=1200)
        serve "$b" udp 443 "${server[@]}" '*' 443 "$scratch/key.pem" "$scratch/certificate.pem"
        serve "$b" udp 4433 "${server[@]}" -V '*' 4433 "$scratch/key.pem" "$scratch/certificate.pem"
        printf '192.0.2.2 www.example.org other.example draft.example new.example\n2001:db8::2 example.org\n' >"$scratch/hosts"
        ask() {
                local host=$1 port=$2
                shift 2
                # shellcheck disable=SC2016 # for the inner shell
                in_a unshare -m sh -c 'mount --bind "$0" /etc/hosts; exec timeout 2 gtlsclient -q --no-pmtud --exit-on-first-stream-close "$@"' \
                        "$scratch/hosts" "$@" "$host" "$port" "https://$host:$port/index.html"
        }
        quic_traffic() {
                ask www.example.org 443
                ask example.org 4433                         # the server wants the client's address confirmed
                ask other.example 443 --version=0x1a2a3a4a   # a version that it has not
                ask draft.example 443 --version=v2draft
                ask new.example 443 --groups=-GROUP-ALL:+GROUP-SECP256R1
        }
        record quic a0 udp -- quic_traffic
        stop_servers
}
