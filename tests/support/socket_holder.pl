# Stands in for systemd: holds a listening socket over restarts of a program, and hears what it says.
#   perl socket_holder.pl HOW_OFTEN PROGRAM [ARGUMENTS]   stdout: "port N", "started PID", "ended PID STATUS", "notify TEXT"
use strict;
use warnings;
use Socket;
$^F = 255;    # descriptors stay open over exec
$|  = 1;
my $times = shift @ARGV;
socket(my $listening, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
fileno($listening) == 3 or die "the socket is not descriptor 3";
bind($listening, sockaddr_in(0, INADDR_LOOPBACK)) and listen($listening, 4096) or die "listen: $!";
print 'port ', (sockaddr_in(getsockname $listening))[0], "\n";
my $path = "$ENV{HOLDER_FOLDER}/notify";
socket(my $notify, PF_UNIX, SOCK_DGRAM, 0) or die "notify: $!";
bind($notify, sockaddr_un($path)) or die "notify: $!";
my $hearing = fork() // die "fork: $!";
if (!$hearing) {
  while (defined recv($notify, my $text, 4096, 0)) {
    $text =~ s/\n/ /g;
    print "notify $text\n";
  }
  exit 0;
}
my $pid;
$SIG{TERM} = sub { kill 'KILL', $pid if $pid; kill 'TERM', $hearing; exit 0 };
for (1 .. $times) {
  $pid = fork() // die "fork: $!";
  if (!$pid) {
    @ENV{qw(LISTEN_FDS LISTEN_PID NOTIFY_SOCKET WATCHDOG_USEC WATCHDOG_PID)} = (1, $$, $path, 400_000, $$);
    delete $ENV{HOLDER_FOLDER};
    close $notify;
    exec @ARGV or die "exec: $!";
  }
  print "started $pid\n";
  waitpid $pid, 0;
  print "ended $pid $?\n";
}
kill 'TERM', $hearing;
