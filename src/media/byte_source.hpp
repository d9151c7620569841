// ByteSource: content as bytes, wherever they lie. Reads block (on media's threads only); cancel()
// ends the one that blocks and all later ones, from any thread. FileSource: a file of this machine.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/error.hpp"

namespace telltale::media {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // None: not known, and one cannot seek. May block.
  virtual base::Result<std::optional<std::uint64_t>> size() = 0;
  // How many bytes; fewer than asked for is fine, 0 is the end.
  virtual base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
  // It is what it should be and plays from now on; what that takes of it (0: not known), since how
  // far ahead it is to be read is said in seconds. By the thread that reads.
  virtual void plays_at(double bytes_a_second) { static_cast<void>(bytes_a_second); }
  virtual void cancel() = 0;
};

class FileSource final : public ByteSource {
 public:
  // not_found, invalid_argument: not a regular file.
  static base::Result<std::unique_ptr<FileSource>> open(const std::string& path);
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override;
  base::Result<std::optional<std::uint64_t>> size() override { return size_; }
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
  void cancel() override {}  // a local disk does not keep one waiting

 private:
  FileSource(int descriptor, std::uint64_t size) : descriptor_(descriptor), size_(size) {}
  const int descriptor_;
  const std::uint64_t size_;
};

}  // namespace telltale::media
