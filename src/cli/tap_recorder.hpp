// TapRecorder: the file of `telltale tap --record`. A line is in the file once its message has
// passed, so that a tap that is killed loses nothing. A disk that is full ends the recording, never
// the session, and is said once. Owned by the tap, on its loop; writes block, as a local file may.
#pragma once

#include <cstdio>
#include <memory>

#include "mcp/recording.hpp"

namespace telltale::cli {

class TapRecorder {
 public:
  // A new file that only its owner may read; one that is there is replaced.
  static base::Result<std::unique_ptr<TapRecorder>> open(const std::string& path,
                                                         const mcp::RecordingHead& head,
                                                         base::SteadyTime now);
  void add(bool to_server, std::string_view text, base::SteadyTime now);

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
  };
  TapRecorder(std::FILE* file, std::string path, base::SteadyTime began);
  bool write(const std::string& line);

  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
  base::SteadyTime began_;
};

}  // namespace telltale::cli
