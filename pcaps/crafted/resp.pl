# RESP, the protocol of Redis (redis.io/topics/protocol), and what is malformed in it.
use strict;
use warnings;
our %captures;

sub resp { eth4(6, tcp(40000, 6379, 0x18, join '', @_)) }

$captures{resp} = sub {
        my ($get, $nil) = ("*2\r\n\$3\r\nGET\r\n\$3\r\nkey\r\n", "\$-1\r\n");
        (map({ resp($_) } $get, "+OK\r\n", "+\r\n", "-ERR unknown command\r\n", "-\r\n", ":1000\r\n", ":-5\r\n", ":0\r\n", ":\r\n", ":12a\r\n", ":99999999999999999999\r\n", ":2147483648\r\n", ":-2147483649\r\n", $nil, "\$0\r\n\r\n", "\$5\r\nhello\r\n", "\$5\r\nhell\r\n", "\$5\r\nhello", "\$5\r\nhelloworld\r\n", "\$-0\r\n\r\n", "*-0\r\n", "*-00\r\n+x\r\n", "\$-2\r\n", "\$-10\r\n", "\$abc\r\n", "\$\r\n", "\$5", "\$", "\$99999999999\r\nx\r\n", "\$1000\r\nshort\r\n", "\$5\nhello\r\n", "\$5\rhello\r\n", "\$5\r\nhello\n\n", "\$4\r\n\x00\x01\xff\x80\r\n",
                "*0\r\n", "*-1\r\n", "*-5\r\n", "*1\r\n:5\r\n", "*3\r\n:1\r\n:2\r\n:3\r\n", "*3\r\n:1\r\n", "*2\r\n*1\r\n+a\r\n*2\r\n-b\r\n\$1\r\nc\r\n", "*a\r\n", "*\r\n", "*", "*1", "*1\r", "*1\r\n", "*1000000\r\n+a\r\n", "*2\r\n+OK\r\n$nil", "*2\r\n*2\r\n*2\r\n*2\r\n+deep\r\n", ("*1\r\n" x 40) . "+deep\r\n", "PING\r\n", "SET key value\r\n", "INFO", "ping", "\r\n", "\n", "\r", "", "\x00\x01\x02", "a" x 100, "SET a \"b c\"\r\nGET a\r\n", "+OK\r\n+OK\r\n:1\r\n\$1\r\na\r\n", "+OK", "+O\rK\r\n", "+O\nK\r\n", "+\x01\xff\r\n", "+OK\r\r\n", "+OK\n", "+OK\r", "-E\n\r\n", ":5\n", ":5\r", ":5\rx\n", "+ok\r\n\r\n+ok\r\n", "?what\r\n", "%2\r\n", "_\r\n", "#t\r\n", ",1.5\r\n", "(12345\r\n", "!5\r\nerror\r\n", "=5\r\ntxt:a\r\n", "~1\r\n+a\r\n", ">1\r\n+a\r\n", "*1\r\n\$5\r\nhel", "*3\r\n\$3\r\nSET\r\n\$1\r\nk\r\n\$10\r\n0123456789\r\n", " +OK\r\n", "*01\r\n+a\r\n", "*+1\r\n+a\r\n", ":+1\r\n", "\$+3\r\nabc\r\n", "a\nb\r\n", "a\rb\r\n", "\r\r\n\na\r\n", "\$2147483647\r\nx\r\n", "\$2147483648\r\nx\r\n","\$4294967296\r\nx\r\n","*2147483647\r\n+a\r\n","*2147483648\r\n+a\r\n", "\$-2\r\n+a\r\n", "\$-2147483648\r\n+a\r\n","\$-99999999999\r\n+a\r\n", "*-2\r\n+a\r\n","\$--1\r\n+a\r\n", "\$-\r\n+a\r\n", "\$1-\r\n+a\r\n", "\$0\r\n+a\r\n", "\$0\r\nabc\r\n+b\r\n", "\$-1\r\n+a\r\n","\$1000\r\nshort\r\n+a\r\n", "*2\r\n\$a\r\n+b\r\n+c\r\n+d\r\n", "*2\r\nPING\r\n+b\r\n+c\r\n", "*1\r\n*0\r\n+b\r\n", "\$3\r\nabc\r\n\$3\r\nab\r\n+z\r\n", "\$5\r\nhelloworld\r\n+a\r\n","\$000000000000000000005\r\nhello\r\n", "-5\r\n", "* 1\r\n", "*1 \r\n+a\r\n"), eth4(6, tcp(6379, 40000, 0x18, "+PONG\r\n")), eth4(6, tcp(6379, 40000, 4, "+reset\r\n")), eth4(6, tcp(40000, 6380, 0x18, $get)));
};
1;
