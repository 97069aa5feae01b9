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

scene_hellos() {
        certificate
        echo hello >"$scratch/index.html"
        serve "$b" tcp 443 openssl s_server -key "$scratch/key.pem" -cert "$scratch/certificate.pem" -www -accept 443 -groups P-256:ffdhe8192
        serve "$b" udp 443 gtlsserver -q --no-pmtud -d "$scratch" '*' 443 "$scratch/key.pem" "$scratch/certificate.pem"
        ip -n "$a" link set a0 gso_max_segs 1 # segments as they are on the wire
        ip -n "$b" link set b0 gso_max_segs 1
        hellos_traffic() {
                local protocols
                printf -v protocols 'protocol-%03d,' {1..60}
                (sleep 0.3) | in_a timeout 3 openssl s_client -connect 192.0.2.2:443 -servername www.example.org \
                        -groups ffdhe8192:P-256 -alpn "${protocols}http/1.1"
                in_a timeout 2 gtlsclient -q --no-pmtud --groups=-GROUP-ALL:+GROUP-FFDHE8192:+GROUP-SECP521R1 \
                        --exit-on-first-stream-close 192.0.2.2 443 https://www.example.org:443/index.html
        }
        record hellos a0 tcp or udp -- hellos_traffic
        stop_servers
}

# Records of at most 512 bytes: hellos and certificates that span several of them.
scene_tls_fragments() {
        local server names
        printf -v names 'DNS:host-%03d.example,' {1..60}
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -keyout "$scratch/key.pem" \
                -out "$scratch/certificate.pem" -subj '/O=Filt/CN=www.example.org' -addext "subjectAltName=${names}DNS:www.example.org"
        server=(openssl s_server -key "$scratch/key.pem" -cert "$scratch/certificate.pem" -www -max_send_frag 512 -alpn h2,http/1.1)
        serve "$b" tcp 443 "${server[@]}" -accept 443
        ip -n "$a" link set a0 gso_max_segs 1 mtu 1000 # segments as they are on the wire, and several a record
        ip -n "$b" link set b0 gso_max_segs 1 mtu 1000
        fragments_traffic() {
                local version protocols
                printf -v protocols 'protocol-%03d,' {1..60}
                for version in 2 3; do
                        (sleep 0.3) | in_a timeout 3 openssl s_client -connect 192.0.2.2:443 -servername "version-1-$version.example" \
                                -max_send_frag 512 -tls1_$version -alpn "${protocols}http/1.1"
                done
        }
        record tls-fragments a0 tcp -- fragments_traffic
        stop_servers
}

scene_ssh() {
        ssh-keygen -q -t ed25519 -N '' -f "$scratch/host"
        mkdir -p /run/sshd
        local port
        for port in 22 2222; do
                serve "$b" tcp "$port" /usr/sbin/sshd -D -e -f /dev/null -h "$scratch/host" -p "$port" -o PidFile=none
        done
        ssh_traffic() {
                local port
                for port in 22 2222; do
                        in_a ssh -F /dev/null -p "$port" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null \
                                -o BatchMode=yes -o IdentityFile=/dev/null nobody@192.0.2.2 true
                done
        }
        record ssh a0 tcp -- ssh_traffic
        stop_servers
}

scene_http2() {
        mkdir -p "$scratch/www"
        echo hello >"$scratch/www/index.html"
        serve "$b" tcp 8080 nghttpd --no-tls -d "$scratch/www" 8080
        serve "$b" tcp 50051 nghttpd --no-tls -d "$scratch/www" 50051
        http2_traffic() {
                in_a nghttp -H 'content-type: application/grpc' http://192.0.2.2:50051/helloworld.Greeter/SayHello
                in_a nghttp http://192.0.2.2:8080/index.html http://192.0.2.2:8080/missing
                in_a curl -s --http2-prior-knowledge http://192.0.2.2:8080/ -d 'some data'
        }
        record http2 a0 tcp -- http2_traffic
        stop_servers
}

# Connections with several requests: fields that were sent once, and are then named by their place in a table.
scene_http2_table() {
        mkdir -p "$scratch/www"
        echo hello >"$scratch/www/index.html"
        seq 2000 >"$scratch/www/numbers"
        serve "$b" tcp 8080 nghttpd --no-tls -d "$scratch/www" 8080
        ip -n "$a" link set a0 gso_max_segs 1 # segments as they are on the wire
        ip -n "$b" link set b0 gso_max_segs 1
        table_traffic() {
                local at=http://192.0.2.2:8080 long=() i
                for i in {a..p}; do long+=(-H "x-long-$i: $(printf '%0200d' 1)"); done
                in_a nghttp -m 3 "${long[@]}" -H 'x-tenant: filt' -H 'user-agent: tables' $at/index.html $at/missing $at/numbers
                in_a curl -s --http2-prior-knowledge "${long[@]}" -H 'x-tenant: other' -H 'authorization: Bearer abc' $at/numbers
        }
        record http2-table a0 tcp -- table_traffic
        stop_servers
}

scene_mqtt() {
        printf 'listener 1883\nallow_anonymous true\n' >"$scratch/mosquitto.conf"
        serve "$b" tcp 1883 mosquitto -c "$scratch/mosquitto.conf"
        mqtt_traffic() {
                in_a timeout 3 mosquitto_sub -h 192.0.2.2 -t 'house/#' -q 1 -C 3 -i reader &
                local reader=$!
                sleep 0.5
                in_a mosquitto_pub -h 192.0.2.2 -t house/kitchen/temperature -m 21.5 -i sensor
                in_a mosquitto_pub -h 192.0.2.2 -t house/door -m open -q 1 -i door -u user -P words -V 5
                in_a mosquitto_pub -h 192.0.2.2 -t house/light -m on -q 2 -r -i lamp --will-topic house/lost --will-payload gone
                wait "$reader"
        }
        record mqtt a0 tcp -- mqtt_traffic
        stop_servers
}

scene_postgresql() {
        local programs
        programs=$(pg_config --bindir)
        install -d -o postgres "$scratch/postgresql"
        chmod 755 "$scratch"
        setpriv --reuid postgres --regid postgres --clear-groups "$programs/initdb" -D "$scratch/postgresql" -A trust --no-sync
        echo 'host all all 192.0.2.0/24 md5' >>"$scratch/postgresql/pg_hba.conf"
        serve "$b" tcp 5432 setpriv --reuid postgres --regid postgres --clear-groups "$programs/postgres" -D "$scratch/postgresql" \
                -h '*' -k "$scratch/postgresql" -c fsync=off
        in_b psql -h "$scratch/postgresql" -U postgres -c "create user reader password 'words'"
        postgresql_traffic() {
                export PGPASSWORD=words
                in_a psql -h 192.0.2.2 -U reader postgres -c 'select generate_series(1, 5) as number' -c 'select nonsense from nowhere'
                PGPASSWORD=wrong in_a psql -h 192.0.2.2 -U reader postgres -c 'select 1'
        }
        record postgresql a0 tcp -- postgresql_traffic
        stop_servers
}

scene_mysql() {
        mkdir -p "$scratch/mysql"
        mariadb-install-db --no-defaults --datadir="$scratch/mysql" --user=root --skip-test-db --auth-root-authentication-method=normal >/dev/null
        serve "$b" tcp 3306 mariadbd --no-defaults --datadir="$scratch/mysql" --user=root --socket="$scratch/mysql/socket" \
                --bind-address=0.0.0.0 --skip-name-resolve
        in_b mariadb --no-defaults -S "$scratch/mysql/socket" -u root -e "create user reader identified by 'words'; create database shop"
        mysql_traffic() {
                in_a mariadb --no-defaults -h 192.0.2.2 -u reader -pwords -e 'select 1 as one, 2 as two; select nonsense from nowhere.at_all'
                in_a mariadb --no-defaults -h 192.0.2.2 -u reader -pwrong -e 'select 1'
        }
        record mysql a0 tcp -- mysql_traffic
        stop_servers
}
