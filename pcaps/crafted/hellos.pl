# Hellos of TLS that are spread over several segments of TCP or packets of QUIC, as browsers do it: in pieces out of order.
# QUIC's keys are those of RFC 9001, section 5; openssl computes AES, what remains of GCM is computed here.
use strict;
use warnings;
use Digest::SHA 'hmac_sha256';
use File::Temp;
use Math::BigInt;
our %captures;

sub expand {
        my ($secret, $label, $size) = @_;
        $label = "tls13 $label";
        substr hmac_sha256(pack('n C/a x', $size, $label) . "\1", $secret), 0, $size;
}

sub openssl {
        my ($cipher, $text, $key, @more) = @_;
        my $file = File::Temp->new;
        print $file $text;
        $file->flush;
        my $hex = unpack 'H*', $key;
        `openssl enc -$cipher -nopad -K $hex @more -in $file`;
}

# The tag of AES-128-GCM: NIST SP 800-38D, 7.1.
sub gcm_tag {
        my ($key, $vector, $header, $coded) = @_;
        my ($hash, $mask) = unpack '(a16)*', openssl('aes-128-ecb', "\0" x 16 . $vector . "\0\0\0\1", $key);
        my $polynomial = Math::BigInt->from_hex('e1' . '0' x 30);
        my @powers = (Math::BigInt->from_hex(unpack 'H*', $hash));
        for (1 .. 127) {
                my $next = $powers[-1]->copy->brsft(1);
                $next->bxor($polynomial) if $powers[-1]->is_odd;
                push @powers, $next;
        }
        @powers = map { h(sprintf '%032s', substr $_->as_hex, 2) } @powers;
        my $padded = sub { $_[0] . "\0" x (-length($_[0]) % 16) };
        my $sum = "\0" x 16;
        for my $block (unpack '(a16)*', $padded->($header) . $padded->($coded) . pack('Q>2', 8 * length $header, 8 * length $coded)) {
                my $bits = unpack 'B*', $sum ^ $block;
                $sum = "\0" x 16;
                $sum ^= $powers[pos($bits) - 1] while $bits =~ /1/g;
        }
        $sum ^ $mask;
}

# initial ID, FROM_SERVER, NUMBER, FRAMES, [OUR ID]: a packet of version 1, filled up.
sub initial {
        my ($id, $from_server, $number, $frames, %o) = @_;
        my $common = hmac_sha256($id, h('38762cf7f55934b3 4d179ae6a4c80cad ccbb7f0a'));
        my $secret = expand($common, $from_server ? 'server in' : 'client in', 32);
        my ($key, $vector, $mask) = (expand($secret, 'quic key', 16), expand($secret, 'quic iv', 12), expand($secret, 'quic hp', 16));
        $frames .= "\0" x (($o{size} // 1200) - 36 - length($frames));
        my $header = h('c1 00000001') . pack('C/a C/a C n n', $o{to} // $id, $o{from} // '', 0, 0x4000 | length($frames) + 18, $number);
        my $nonce = $vector ^ pack('x10 n', $number);
        my $coded = openssl('aes-128-ctr', $frames, $key, '-iv ' . unpack('H*', $nonce) . '00000002');
        $coded .= gcm_tag($key, $nonce, $header, $coded);
        my $sample = openssl('aes-128-ecb', substr($coded, 2, 16), $mask);
        substr($header, 0, 1) ^= substr($sample, 0, 1) & "\x0f";
        substr($header, -2) ^= substr($sample, 1, 2);
        $header . $coded;
}

sub crypto { my ($hello, $offset, $size) = @_; h('06') . pack('nn', 0x4000 | $offset, 0x4000 | $size) . substr $hello, $offset, $size }
sub extension { pack 'n n/a', @_ }

sub client_hello {
        my ($name, $front, $behind) = @_;
        my $extensions = join '', $front // '', extension(0, pack 'n/a', pack 'C n/a', 0, $name), extension(16, h('0003 02 6833')),
                $behind // '', extension(43, h('02 0304'));
        my $body = h('0303') . "\x11" x 32 . h('00 0002 1301 0100') . pack 'n/a', $extensions;
        h('01') . substr(pack('N', length $body), 1) . $body;
}

sub to_server { my ($port, @packets) = @_; udp4($port, 443, join '', @packets) }

$captures{'quic-pieces'} = sub {
        my $share = extension(51, pack 'n/a', pack 'n n/a', 0x6399, "\x22" x 1200);
        my ($hello, $early) = (client_hello('chaos.example', $share), client_hello('early.example'));
        my $size = length $hello;
        my @id = map { chr($_) x 8 } 1 .. 8;
        return (
                # In two datagrams; pieces out of order, with PING and padding between.
                to_server(50001, initial($id[0], 0, 0, crypto($hello, 1100, 100) . h('01 0000') . crypto($hello, 0, 10) . crypto($hello, 400, 700))),
                to_server(50001, initial($id[0], 0, 1, crypto($hello, 1200, $size - 1200) . h('01') . crypto($hello, 10, 390))),
                # Its end first; and once more a part that is known.
                to_server(50002, initial($id[1], 0, 1, crypto($hello, 1000, $size - 1000))),
                to_server(50002, initial($id[1], 0, 2, crypto($hello, 1000, $size - 1000))),
                to_server(50002, initial($id[1], 0, 0, crypto($hello, 0, 1000))),
                # Two packets in a datagram.
                to_server(50003, initial($id[2], 0, 0, crypto($early, 60, length($early) - 60), size => 300),
                        initial($id[2], 0, 1, crypto($early, 0, 60), size => 300)),
                # A beginning that tells the name; then all of it again.
                to_server(50004, initial($id[3], 0, 0, crypto($early, 0, length($early) - 4))),
                to_server(50004, initial($id[3], 0, 1, crypto($early, 0, length $early))),
                to_server(50004, initial($id[3], 0, 2, crypto($early, 0, length $early))),
                # A second hello, as after a server's wish to retry.
                to_server(50005, initial($id[4], 0, 0, crypto($early, 0, length $early))),
                to_server(50005, initial($id[4], 0, 1, crypto($early . $hello, length $early, 900))),
                to_server(50005, initial($id[4], 0, 2, crypto($early . $hello, 900 + length $early, $size - 900))),
                # Past what is kept; an end without its beginning; it never comes.
                to_server(50006, initial($id[5], 0, 0, h('06 80004000 05') . 'hello' . h('06 7ffe 05') . 'hello')),
                to_server(50007, initial($id[6], 0, 0, crypto($hello, 900, 300))),
        );
};

# in_records MESSAGES, SIZE...: in records of these sizes, the last one with the rest.
sub in_records {
        my ($messages, @sizes) = @_;
        my $records = '';
        for my $size (@sizes, length $messages) {
                $records .= h('16 0301') . pack 'n/a', substr $messages, 0, $size, '';
                last if $messages eq '';
        }
        $records;
}

# tls_part PORT, BYTES, OFFSET, SIZE: a segment with part of what the client says.
sub tls_part {
        my ($port, $bytes, $offset, $size) = @_;
        my $segment = tcp($port, 443, 0x10, substr $bytes, $offset, $size);
        substr($segment, 4, 4) = pack 'N', 0xffffff00 + $offset & 0xffffffff;
        eth4(6, $segment);
}

$captures{'tls-pieces'} = sub {
        my $share = extension(51, pack 'n/a', pack 'n n/a', 0x6399, "\x22" x 1200);
        my $record = sub { h('16 0301') . pack 'n/a', $_[0] };
        my $late = $record->(client_hello('late.example', $share));
        my $early = $record->(client_hello('early.example', '', $share));
        my $two = $record->(client_hello('first.example') . client_hello('second.example', $share));
        my $end = h('14 0303 0001 01');
        return (
                # The name is in the second segment; a record follows it.
                tls_part(2001, $late . $end, 0, 1000), tls_part(2001, $late . $end, 1000, 1000),
                # In the first; the third comes before the second.
                tls_part(2002, $early, 0, 500), tls_part(2002, $early, 1000, 1000), tls_part(2002, $early, 500, 500),
                # The first message is complete.
                tls_part(2003, $two, 0, 600), tls_part(2003, $two, 600, 1000),
                # The second segment is missing, another follows.
                tls_part(2004, $late, 0, 600), tls_part(2004, $late . $end, 1200, 1000),
                # Little more than a header; the next one begins with bytes that are known.
                tls_part(2005, $late, 0, 10), tls_part(2005, $late, 8, 1002), tls_part(2005, $late, 1010, 1000), tls_part(2005, $late, 1010, 1000),
                # More than is kept.
                tls_part(2006, h('16 0301 4800 010047fc') . 'x' x 500, 0, 500),
        );
};

# Messages that span records.
$captures{'tls-records'} = sub {
        my $share = extension(51, pack 'n/a', pack 'n n/a', 0x6399, "\x22" x 1200);
        my $hello = sub { client_hello("$_[0].example", $share) };
        my $end = h('14 0303 0001 01');
        my $one = in_records($hello->('one'), 100, 900);
        my $cut = in_records($hello->('cut'), 200, 300);
        my $late = in_records($hello->('late'), 60, 400, 100);
        my $chain = in_records(client_hello('first.example') . $hello->('second') . client_hello('third.example'), 150, 500, 700);
        my $tiny = in_records(client_hello('tiny.example'), (1) x 50);
        return (
                # All in one segment, and a record behind them.
                tls_part(2101, $one . $end, 0, 2000),
                # Cut in a record's header, and in a record.
                tls_part(2102, $cut . $end, 0, 207), tls_part(2102, $cut . $end, 207, 200), tls_part(2102, $cut . $end, 407, 2000),
                # In the wrong order.
                tls_part(2103, $late, 0, 100), tls_part(2103, $late, 600, 2000), tls_part(2103, $late, 100, 500),
                # Several messages; a record has the end of one and the beginning of the next.
                tls_part(2104, $chain, 0, 400), tls_part(2104, $chain, 400, 400), tls_part(2104, $chain, 800, 2000),
                # Records of a byte.
                tls_part(2105, $tiny, 0, 6), tls_part(2105, $tiny, 6, 6), tls_part(2105, $tiny, 12, 1000),
                # An alert in between, other records, no record, a gap.
                tls_part(2106, substr($one, 0, 105) . h('15 0303 0002 0228') . substr($one, 105), 0, 2000),
                tls_part(2107, $one, 0, 105), tls_part(2107, substr($one, 0, 105) . $end . $one, 105, 1000),
                tls_part(2108, substr($one, 0, 105) . 'no record', 0, 2000),
                tls_part(2109, $one, 0, 700), tls_part(2109, $one, 900, 200), tls_part(2109, $one, 1100, 1000),
                # Longer than is kept.
                tls_part(2110, h('16 0301 0010 01005000 0303') . 'x' x 10 . h('16 0301 0800') . 'x' x 600, 0, 621),
        );
};
1;
