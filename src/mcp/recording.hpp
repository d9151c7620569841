// A recorded session (docs/lab/recordings.md): JSON Lines, a head that says what was recorded, then
// each message with its direction and time. Secrets are hidden as they are in records of operations
// (base/redact.hpp), also in the arguments of the command. Written by `telltale tap --record` and
// by the fleet, read by the lab. No I/O; any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"

namespace telltale::mcp {

inline constexpr std::size_t kRecordingBytes = 64U << 20U;  // of a file that is read
inline constexpr std::size_t kRecordingMessages = 100'000;
inline constexpr int kRecordingSessions = 1'000;

struct RecordingHead {
  std::string name;  // of the server, or of the tap
  base::WallTime time;
  std::string transport = "stdio";
  std::string command = {};
  std::vector<std::string> args = {};
  std::string url = {};
  std::uint64_t left_out = 0;  // messages that were too many or too long to be kept
};

struct RecordedMessage {
  bool to_server = true;
  base::Duration at{};  // since the recording began
  base::Json message;   // null: `text` was no JSON
  std::string text = {};
  int session = 1;  // never less than that of the one before
  int line = 0;     // of the file, from 1
};

struct Recording {
  RecordingHead head;
  std::vector<RecordedMessage> messages;
};

// Lines without their newline.
std::string recording_head(const RecordingHead& head);
std::string recording_line(bool to_server, base::Duration at, std::string_view text,
                           int session = 1);
// A fault names its line. A last line that was cut off (the recorder died) is left out.
base::Result<Recording> read_recording(std::string_view text);

}  // namespace telltale::mcp
