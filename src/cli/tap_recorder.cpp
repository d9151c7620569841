#include "cli/tap_recorder.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace telltale::cli {

TapRecorder::TapRecorder(std::FILE* file, std::string path, base::SteadyTime began)
    : file_(file), path_(std::move(path)), began_(began) {}

base::Result<std::unique_ptr<TapRecorder>> TapRecorder::open(const std::string& path,
                                                             const mcp::RecordingHead& head,
                                                             base::SteadyTime now) {
  const auto failed = [&path] {
    return base::fail(base::Code::storage,
                      fmt::format("cannot record into {}: {}", path, std::strerror(errno)));
  };
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return failed();
  std::FILE* const file = ::fdopen(fd, "w");
  if (file == nullptr) {
    ::close(fd);
    return failed();
  }
  std::unique_ptr<TapRecorder> out(new TapRecorder(file, path, now));
  if (!out->write(mcp::recording_head(head))) return failed();
  return out;
}

void TapRecorder::add(bool to_server, std::string_view text, base::SteadyTime now) {
  if (!file_ || write(mcp::recording_line(to_server, now - began_, text))) return;
  fmt::print(stderr, "telltale: the session goes on, but is recorded no more: {}: {}\n", path_,
             std::strerror(errno));
  file_.reset();
}

bool TapRecorder::write(const std::string& line) {
  return std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() &&
         std::fputc('\n', file_.get()) != EOF && std::fflush(file_.get()) == 0;
}

}  // namespace telltale::cli
