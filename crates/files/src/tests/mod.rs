mod faults;
#[cfg(unix)]
mod links;
mod reads;
