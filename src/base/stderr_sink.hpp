// Log lines to a descriptor (stderr) that never wait for it: a pipe that nobody empties, a paused
// terminal or a full disk costs lines, which are counted, and no thread its time. Once there is
// room again the first line says how many are missing. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include <spdlog/sinks/base_sink.h>

namespace telltale::base {

class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // `lost` outlives the sink. The descriptor stays its owner's, and its mode (blocking or not) too:
  // others, such as a shell, share it.
  StderrSink(int descriptor, std::atomic<std::uint64_t>& lost);

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}
  bool put(std::string_view text);  // false: nothing of it, or not all, was taken

  int descriptor_;
  bool colours_;
  std::atomic<std::uint64_t>& lost_;
  std::uint64_t untold_ = 0;  // lost since the last line that was taken
  bool torn_ = false;         // the last line was taken in part: the next begins a new one
};

// Descriptors 0, 1 and 2 are open afterwards, on /dev/null where they were closed: else the next
// file or socket that is opened would get one of these numbers, and what is printed.
void hold_standard_streams() noexcept;

}  // namespace telltale::base
