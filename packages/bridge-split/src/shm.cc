// What JavaScript cannot do with shared memory: map a file, sleep on a futex,
// and exchange two short frames of a downcall in one call. Everything else, the
// rings and their checks, is in ring.ts; the layout is in docs/protocol.md.
//
// Linux only. No statics: a mapping is owned by its Memory and by the
// ArrayBuffer over it, and lives as long as either.

#include "shm.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "frame.h"

namespace agdsplit {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

// A ring's control: offsets of its 32-bit numbers.
constexpr size_t kTail = 0;
constexpr size_t kHead = 128;
constexpr size_t kState = 256;
constexpr size_t kBell = 260;
constexpr size_t kProcessor = 264;
constexpr size_t kControlBytes = 268;

// The consumer's states (go/bridge/shm/memory.go).
constexpr uint32_t kAwake = 0;
constexpr uint32_t kAsleep = 1;

// As in go/bridge/internal/spin.
constexpr nanoseconds kMaxSpin = std::chrono::microseconds(100);
constexpr nanoseconds kMaxAlone = std::chrono::microseconds(2);
constexpr nanoseconds kMaxApart = std::chrono::microseconds(30);
constexpr int kSpinLoads = 8;
constexpr uint32_t kMostMisses = 8;
constexpr uint32_t kRetry = 16;

// As in go/bridge/shm.
constexpr uint32_t kMostUnchecked = 32;

// How often a sleeper checks that its peer still exists.
constexpr timespec kRecheck = {0, 100'000'000};

// A shared mapping of a whole file; unmapped by its last owner.
class Mapping {
 public:
  Mapping(void* data, size_t size)
      : data_(static_cast<char*>(data)), size_(size) {}
  ~Mapping() { munmap(data_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  char* data() const { return data_; }
  size_t size() const { return size_; }
  std::atomic<uint32_t>& word(size_t offset) const {
    static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));
    return *reinterpret_cast<std::atomic<uint32_t>*>(data_ + offset);
  }

 private:
  char* const data_;
  const size_t size_;
};

Napi::Error SystemError(Napi::Env env, const char* what) {
  return Napi::Error::New(env,
                          std::string(what) + ": " + std::strerror(errno));
}

long Futex(std::atomic<uint32_t>& word, int op, uint32_t value,
           const timespec* timeout) {
  return syscall(SYS_futex, reinterpret_cast<uint32_t*>(&word), op, value,
                 timeout, nullptr, 0);
}

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Whether the other end of a pipe is closed.
bool HasEnded(int fd) {
  pollfd poll_fd{fd, POLLIN, 0};
  return poll(&poll_fd, 1, 0) == 1 &&
         (poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

// The thread's CPU number plus 1.
uint32_t Processor() { return static_cast<uint32_t>(sched_getcpu() + 1); }

bool OneProcessor() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) == 1;
}

}  // namespace

// new Memory(fd: number): maps the file, which must be sealed against
// shrinking, so that no peer can make an access fail. The descriptor stays
// owned by the caller. Used only on its environment's thread.
class Memory : public Napi::ObjectWrap<Memory> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Memory",
                       {InstanceAccessor<&Memory::Buffer>("buffer"),
                        InstanceMethod<&Memory::Wait>("wait"),
                        InstanceMethod<&Memory::Wake>("wake"),
                        InstanceMethod<&Memory::Share>("share"),
                        InstanceMethod<&Memory::Exchange>("exchange")});
  }

  explicit Memory(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const Napi::Env env = info.Env();
    if (!info[0].IsNumber()) throw Napi::TypeError::New(env, "Memory(fd)");
    const int fd = info[0].As<Napi::Number>().Int32Value();
    const int seals = fcntl(fd, F_GET_SEALS);
    if (seals == -1) throw SystemError(env, "not a memfd");
    if ((seals & F_SEAL_SHRINK) == 0) {
      throw Napi::Error::New(env, "the memfd is not sealed against shrinking");
    }
    struct stat status;
    if (fstat(fd, &status) != 0) throw SystemError(env, "fstat");
    const auto size = static_cast<size_t>(status.st_size);
    void* data =
        mmap(nullptr, size, PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_POPULATE, fd, 0);
    if (data == MAP_FAILED) throw SystemError(env, "mmap");
    mapping_ = std::make_shared<Mapping>(data, size);
    if (OneProcessor()) max_spin_ = nanoseconds::zero();
  }

 private:
  // buffer: ArrayBuffer. The mapped bytes.
  Napi::Value Buffer(const Napi::CallbackInfo& info) {
    if (buffer_.IsEmpty()) {
      auto* owner = new std::shared_ptr<Mapping>(mapping_);
      buffer_ = Napi::Persistent(Napi::ArrayBuffer::New(
          info.Env(), mapping_->data(), mapping_->size(),
          [](Napi::Env, void*, std::shared_ptr<Mapping>* owner) {
            delete owner;
          },
          owner));
    }
    return buffer_.Value();
  }

  // The control at an offset; checks range and alignment.
  size_t ControlOf(const Napi::CallbackInfo& info) const {
    const double offset = info[0].IsNumber()
                              ? info[0].As<Napi::Number>().DoubleValue()
                              : -1;
    if (!(offset >= 0 &&
          offset <= static_cast<double>(mapping_->size() - kControlBytes)) ||
        static_cast<size_t>(offset) % sizeof(uint32_t) != 0) {
      throw Napi::RangeError::New(info.Env(), "no control of a ring");
    }
    return static_cast<size_t>(offset);
  }

  // wait(control: number, head: number, fd: number): boolean. Returns true once
  // the ring's tail differs from head; false if the other end of the pipe fd
  // closes first. Spins first, if recent spins succeeded.
  Napi::Value Wait(const Napi::CallbackInfo& info) {
    const size_t control = ControlOf(info);
    const uint32_t head = info[1].As<Napi::Number>().Uint32Value();
    const int fd = info[2].As<Napi::Number>().Int32Value();
    const auto& tail = mapping_->word(control + kTail);
    const bool ready = Await(control, tail, head, fd);
    return Napi::Boolean::New(info.Env(), ready);
  }

  // Spins, if recent spins succeeded, then sleeps until tail differs from head;
  // false if the other end of the pipe fd closes first.
  bool Await(size_t control, const std::atomic<uint32_t>& tail, uint32_t head,
             int fd) {
    const bool spins =
        max_spin_ > nanoseconds::zero() &&
        (misses_ < kMostMisses || misses_ % kRetry == 0);
    const auto start = Clock::now();
    while (!spins || !Look(tail, head)) {
      const auto waited = Clock::now() - start;
      if (!spins || waited > max_spin_) {
        const bool ready = Sleep(control, tail, head, fd);
        misses_ = Clock::now() - start > kMaxSpin ? misses_ + 1 : 0;
        return ready;
      }
      // The peer may be waiting for this same CPU.
      if (waited > kMaxApart || (waited > kMaxAlone && !IsApart(control))) {
        sched_yield();
      }
    }
    misses_ = 0;
    return true;
  }

  // Whether the peer's last reported CPU is another one than ours.
  bool IsApart(size_t control) const {
    const uint32_t peers = mapping_->word(control + kProcessor).load();
    return peers != 0 && peers != Processor();
  }

  static bool Look(const std::atomic<uint32_t>& tail, uint32_t head) {
    for (int i = 0; i < kSpinLoads; i++) {
      if (tail.load(std::memory_order_acquire) != head) return true;
      Pause();
    }
    return false;
  }

  bool Sleep(size_t control, const std::atomic<uint32_t>& tail, uint32_t head,
             int fd) const {
    auto& state = mapping_->word(control + kState);
    auto& bell = mapping_->word(control + kBell);
    for (;;) {
      const uint32_t rung = bell.load();
      state.store(kAsleep);
      const bool slept = tail.load() == head;
      if (slept) Futex(bell, FUTEX_WAIT, rung, &kRecheck);
      state.store(kAwake);
      if (tail.load() != head) return true;
      // Bytes that the peer wrote before its end still count.
      if (HasEnded(fd)) return tail.load() != head;
    }
  }

  // wake(control: number): void. Wakes the ring's sleeping consumer.
  void Wake(const Napi::CallbackInfo& info) { Ring(ControlOf(info)); }

  void Ring(size_t control) const {
    auto& bell = mapping_->word(control + kBell);
    bell.fetch_add(1);
    Futex(bell, FUTEX_WAKE, 1, nullptr);
  }

  // One ring, for exchange.
  struct Stream {
    size_t control;
    size_t data;
    uint32_t bytes;
  };

  // share(indices: Int32Array, fromControl, fromData, toControl, toData,
  // ringBytes, fd: number): void. Sets the rings of exchange, and the pipe
  // whose other end is the peer's. indices are the head of our inbound ring,
  // the tail of our outbound ring, and the last value read of the peer's head
  // there (at most one ring length behind). They are private to this process.
  void Share(const Napi::CallbackInfo& info) {
    const auto number = [&](size_t i) {
      return info[i].As<Napi::Number>().Uint32Value();
    };
    const uint32_t bytes = number(5);
    from_ = {number(1), number(2), bytes};
    to_ = {number(3), number(4), bytes};
    fd_ = info[6].As<Napi::Number>().Int32Value();
    auto indices = info[0].As<Napi::Int32Array>();
    const auto inside = [&](const Stream& ring) {
      const size_t size = mapping_->size();
      return ring.control % sizeof(uint32_t) == 0 &&
             ring.control + kControlBytes <= size && ring.data + bytes <= size;
    };
    if (!inside(from_) || !inside(to_) || bytes == 0 ||
        (bytes & (bytes - 1)) != 0 || indices.ElementLength() != 3) {
      throw Napi::RangeError::New(info.Env(), "no rings");
    }
    indices_ = Napi::Persistent(indices);
    index_ = reinterpret_cast<uint32_t*>(indices.Data());
  }

  // exchange(frame: string): string | number. Writes a frame, waits, and
  // returns the frame received: see Exchanged.
  Napi::Value Exchange(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (index_ == nullptr) return Told(env, Exchanged::kUnsent);
    ShortFrame frame;
    if (!frame.Take(info[0]) || !Put(frame)) {
      return Told(env, Exchanged::kUnsent);
    }
    const uint32_t head = index_[0];
    const auto& tail = mapping_->word(from_.control + kTail);
    const bool ready = Await(from_.control, tail, head, fd_);
    // Anything but one short frame stays in the ring.
    const uint32_t end = tail.load();
    const uint32_t count = end - head;
    if (!ready || count > ShortFrame::kBytes) {
      return Told(env, Exchanged::kSent);
    }
    CopyOut(from_, head, frame.Begin(), count);
    if (!frame.IsWhole(count)) return Told(env, Exchanged::kSent);
    index_[0] = end;
    mapping_->word(from_.control + kHead)
        .store(end, std::memory_order_release);
    return frame.Text(env, count);
  }

  // Writes a frame if there is room for it.
  bool Put(const ShortFrame& frame) {
    const uint32_t tail = index_[1];
    const auto size = static_cast<uint32_t>(frame.size());
    // The peer writes its head often, so reading it is slow. It is read only
    // when needed, and every kMostUnchecked frames to detect an invalid value.
    // ring.ts reports it.
    if (!HasRoom(tail, size) || ++unchecked_ == kMostUnchecked) {
      unchecked_ = 0;
      index_[2] = mapping_->word(to_.control + kHead).load();
      if (!HasRoom(tail, size)) return false;
    }
    TellProcessor();
    char* const data = mapping_->data() + to_.data;
    const uint32_t at = tail & (to_.bytes - 1);
    const uint32_t first = std::min(size, to_.bytes - at);
    std::memcpy(data + at, frame.data(), first);
    std::memcpy(data, frame.data() + first, size - first);
    index_[1] = tail + size;
    // The fence comes after the store, not with it: the peer sees the tail
    // sooner.
    mapping_->word(to_.control + kTail)
        .store(tail + size, std::memory_order_release);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    auto& state = mapping_->word(to_.control + kState);
    uint32_t asleep = kAsleep;
    if (state.load() == kAsleep &&
        state.compare_exchange_strong(asleep, kAwake)) {
      Ring(to_.control);
    }
    return true;
  }

  void TellProcessor() {
    const uint32_t processor = Processor();
    if (processor == processor_) return;
    processor_ = processor;
    mapping_->word(to_.control + kProcessor).store(processor);
  }

  bool HasRoom(uint32_t tail, uint32_t size) const {
    const uint32_t used = tail - index_[2];
    return used <= to_.bytes && size <= to_.bytes - used;
  }

  void CopyOut(const Stream& ring, uint32_t head, char* into,
               uint32_t count) const {
    const char* const data = mapping_->data() + ring.data;
    const uint32_t at = head & (ring.bytes - 1);
    const uint32_t first = std::min(count, ring.bytes - at);
    std::memcpy(into, data + at, first);
    std::memcpy(into + first, data, count - first);
  }

  std::shared_ptr<Mapping> mapping_;
  Stream from_{};
  Stream to_{};
  int fd_ = -1;
  Napi::Reference<Napi::Int32Array> indices_;
  uint32_t* index_ = nullptr;
  Napi::Reference<Napi::ArrayBuffer> buffer_;
  // The CPU number, plus 1, that the peer knows of this thread.
  uint32_t processor_ = 0;
  nanoseconds max_spin_ = kMaxSpin;
  // Consecutive waits longer than kMaxSpin.
  uint32_t misses_ = 0;
  // Number of frames since the peer's head was last read.
  uint32_t unchecked_ = 0;
};

Napi::Function DefineMemory(Napi::Env env) { return Memory::Define(env); }

}  // namespace agdsplit
