// Cuts a byte stream into lines: LF or CRLF, the line end is taken off. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace telltale::net {

class LineSplitter {
 public:
  // `cut`: a longer line is handed out in pieces (logs); else feed() answers false once a line passes the limit.
  LineSplitter(std::size_t limit, bool cut) : limit_(limit), cut_(cut) {}

  template <class Line>
  bool feed(std::string_view bytes, Line&& on_line) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      const auto part = bytes.substr(0, end);
      if (buffer_.size() + part.size() > limit_) {
        if (!cut_) return false;
        const auto fits = limit_ - buffer_.size();
        buffer_.append(part.substr(0, fits));
        bytes.remove_prefix(fits);
        emit(on_line);
        continue;
      }
      buffer_.append(part);
      if (end == std::string_view::npos) return true;
      bytes.remove_prefix(end + 1);
      emit(on_line);
    }
    return true;
  }
  template <class Line>
  void finish(Line&& on_line) {
    if (!buffer_.empty()) emit(on_line);
  }
  bool partial() const noexcept { return !buffer_.empty(); }

 private:
  template <class Line>
  void emit(Line&& on_line) {
    std::string_view text = buffer_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    on_line(text);
    buffer_.clear();
    if (buffer_.capacity() > kKeepCapacity) buffer_.shrink_to_fit();
  }
  static constexpr std::size_t kKeepCapacity = 256U << 10U;
  std::size_t limit_;
  bool cut_;
  std::string buffer_;
};

}  // namespace telltale::net
