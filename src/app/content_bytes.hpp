// ContentBytes: a content reader for media's threads: they block while a task on the library's home
// loop reads. Reads come one at a time; what was read last is kept, since FFmpeg reads in small
// steps. cancel() ends a wait from any thread; the task that read may go on a little and harms
// nobody.
#pragma once

#include "base/monitor.hpp"
#include "content/reader.hpp"
#include "media/byte_source.hpp"
#include "runtime/task_group.hpp"

namespace telltale::app {

class ContentBytes final : public media::ByteSource {
 public:
  static constexpr std::size_t kPieceBytes = 256U << 10U;

  // `reads` and `library` outlive it; `reads` is a group of `home`.
  ContentBytes(content::BlockSource& library, runtime::TaskGroup& reads, content::Cid root,
               base::Duration limit);
  base::Result<std::optional<std::uint64_t>> size() override;
  base::Result<std::size_t> read(std::uint64_t offset, std::span<std::uint8_t> out) override;
  void cancel() override;

 private:
  struct Answer {
    std::optional<base::Result<std::string>> bytes;
    std::uint64_t size = 0;
    bool cancelled = false;
  };
  struct Shared {
    base::Monitor<Answer> answer;
    std::unique_ptr<content::Reader> reader;  // of the home loop
  };
  base::Result<std::string> ask(std::uint64_t offset, std::size_t size);
  static runtime::Task<> serve(std::shared_ptr<Shared> shared, content::BlockSource* library,
                               content::Cid root, std::uint64_t offset, std::size_t size);

  content::BlockSource& library_;
  runtime::TaskGroup& reads_;
  const content::Cid root_;
  const base::Duration limit_;
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
  std::optional<std::uint64_t> size_;
  std::uint64_t piece_at_ = 0;
  std::string piece_;
};

}  // namespace telltale::app
