// What Telltale and the keeper of a child say to each other over a SOCK_SEQPACKET pair; one packet,
// one message. Its other end closed means that Telltale is gone, whatever ended it.
#pragma once

namespace telltale::net::keeper {

// Descriptors of the keeper when it is started.
inline constexpr int kControl = 3;  // this protocol
inline constexpr int kSelf = 4;     // its own program, to run again inside a sandbox
inline constexpr int kSeccomp = 5;  // a seccomp program, when there is one
// Inside the keeper only: from the child to it, until the child has executed.
inline constexpr int kReport = 6;
inline constexpr int kFirstFree = 7;

enum class Word : int {
  // Telltale to keeper
  signal = 1,  // value: the signal for the child's group
  end = 2,     // kill everything and end
  // keeper to Telltale
  started = 3,  // value: the child's pid
  failed = 4,   // value: errno; text: what could not be done
  ended = 5,    // value: the wait status of the child; its family is being killed
};

struct Message {
  Word word;
  int value;
  char text[120];  // ends with 0
};

}  // namespace telltale::net::keeper
