# The link management protocol, RFC 4204: all messages and objects.
use strict;
use warnings;
our %captures;

sub lmp_object { my ($class, $type, $value, %o) = @_; pack('CCn', ($o{negotiable} ? 0x80 : 0) | $type, $class, $o{size} // 4 + length $value) . $value }
sub lmp { my ($type, $objects, %o) = @_; pack('nCCnn', ($o{version} // 1) << 12, $o{flags} // 0, $type, $o{length} // 8 + length $objects, 0) . $objects }
sub lmp4 { udp4(701, 701, lmp(@_)) }
sub lmp_with { lmp4(6, lmp_object(@_)) }
1;
