// Cuts a byte stream into lines: LF or CRLF, the line end is taken off, NULs stay. A line that lies
// whole in what was read is handed out without a copy. No I/O.
#pragma once

#include <string>
#include <string_view>

namespace telltale::net {

class LineSplitter {
 public:
  // `cut`: only the first `limit` bytes of a longer line are handed out (logs); else feed() answers
  // false for one.
  LineSplitter(std::size_t limit, bool cut) : limit_(limit), cut_(cut) {}

  template <class OnLine>
  bool feed(std::string_view bytes, OnLine&& on_line) {
    while (!bytes.empty()) {
      const auto end = bytes.find('\n');
      const bool whole = end != std::string_view::npos;
      auto part = bytes.substr(0, end);
      bytes.remove_prefix(whole ? end + 1 : bytes.size());
      if (buffer_.size() + part.size() > limit_) {
        if (!cut_) return false;
        part = part.substr(0, limit_ - buffer_.size());
      }
      if (!whole) {
        buffer_.append(part);
      } else if (buffer_.empty()) {
        on_line(without_return(part));
      } else {
        buffer_.append(part);
        hand_out(on_line);
      }
    }
    return true;
  }
  // The last line may have no end.
  template <class OnLine>
  void finish(OnLine&& on_line) {
    if (!buffer_.empty()) hand_out(on_line);
  }
  bool partial() const noexcept { return !buffer_.empty(); }

 private:
  static std::string_view without_return(std::string_view text) {
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }
  template <class OnLine>
  void hand_out(OnLine& on_line) {
    const auto line = std::move(buffer_);
    buffer_ = {};  // a long line gives its memory back
    on_line(without_return(line));
  }

  std::size_t limit_;
  bool cut_;
  std::string buffer_;
};

}  // namespace telltale::net
